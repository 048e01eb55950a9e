/** Several messages are fetched at a time; where the route asks for order, they come into custody in that of the list. */
import type { IntakeFixture } from './intake-fixture';
import { openIntakeFixture } from './intake-fixture';
import { createTurns } from '../intake/turns';

let fixture: IntakeFixture;
beforeEach(async () => {
  fixture = await openIntakeFixture();
});
afterEach(() => fixture.close());

/** Answers for some messages come late, so that those behind them overtake. */
function delay(ids: readonly string[], on = 'GET /message/inbox/{id}/attachments'): void {
  for (const id of ids)
    fixture.gateway.faults.add({ on, params: { id }, fault: { kind: 'latency', ms: 150 } });
}

async function takenInOrder(partner?: string): Promise<readonly string[]> {
  const rows = fixture.temporary.query('select gateway_id as id, partner from message order by rowid') as {
    id: string;
    partner: string;
  }[];
  return rows.filter((row) => partner === undefined || row.partner === partner).map(({ id }) => id);
}

test.each([
  ['the attachments of the first ones are slow', 'GET /message/inbox/{id}/attachments'],
  ['whose the first ones are is learned late', 'GET /message/inbox/{id}'],
])('%s: in the order of the list', async (_name, on) => {
  const ids = Array.from({ length: 12 }, (_, index) => `<${String(index).padStart(2, '0')}@acme>`);
  for (const id of ids) await fixture.send(id);
  delay(['<00@acme>', '<04@acme>', '<05@acme>'], on);
  await (await fixture.open({ route: { inOrder: true } })).pollAll();
  expect(await takenInOrder()).toEqual(ids);
});

test('without inOrder nobody waits', async () => {
  for (const id of ['<0@acme>', '<1@acme>', '<2@acme>']) await fixture.send(id);
  delay(['<0@acme>']);
  await (await fixture.open()).pollAll();
  expect((await takenInOrder()).at(-1)).toBe('<0@acme>');
});

test('one partner waits for nobody else, and nobody waits for one that cannot be taken', async () => {
  await fixture.send('<0@acme>');
  await fixture.send('<1@globex>', 'x', 'GLOBEX');
  await fixture.send('<2@acme>');
  delay(['<0@acme>']);
  fixture.gateway.faults.add({
    on: 'GET /message/inbox/{id}/attachments',
    params: { id: '<0@acme>' },
    fault: { kind: 'status', status: 400 },
  });
  await (await fixture.open({ route: { inOrder: true } })).pollAll();
  expect(await takenInOrder()).toEqual(['<1@globex>', '<2@acme>']);
});

test('a turn comes when all before it in its line have ended, and not before', async () => {
  const turns = createTurns();
  const [first, other, second] = [turns.next(), turns.next(), turns.next()];
  const come: string[] = [];
  second.standIn('a');
  const waiting = second.come().then(() => come.push('second'));
  first.standIn('a');
  other.standIn('b');
  await other.come();
  come.push('other');
  await first.come();
  come.push('first');
  first.end();
  await waiting;
  expect(come).toEqual(['other', 'first', 'second']);
});
