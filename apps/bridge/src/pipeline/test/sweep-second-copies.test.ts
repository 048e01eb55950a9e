/** Partners use ids again: a second copy that somebody else marked read is found although the lists hold ids only. */
import type { IntakeFixture } from './intake-fixture';
import { openIntakeFixture } from './intake-fixture';

const day = 24 * 3_600_000;
let fixture: IntakeFixture;
beforeEach(async () => {
  fixture = await openIntakeFixture();
});
afterEach(() => fixture.close());

const asked = (): number => fixture.gateway.calls['GET /message/inbox/{id}'] ?? 0;

async function sendRead(id: string, text?: string): Promise<void> {
  await fixture.send(id, text);
  await fixture.other.inbox.markRead(id);
}

test.each([
  ['next to the first one', 0],
  ['on another page', 130],
])(
  'other bytes, %s: found, and held as a conflict',
  async (_name, between) => {
    await fixture.send('<1@acme>');
    const intake = await fixture.open();
    await intake.pollAll();
    await intake.acknowledge();
    fixture.clock.advance(1);
    await Promise.all(
      Array.from({ length: between }, (_, index) => sendRead(`<between-${String(index)}@acme>`)),
    );
    await intake.sweepAll();
    fixture.clock.advance(1);
    await sendRead('<1@acme>', 'other bytes');
    await intake.sweepAll();
    const stock = (await fixture.stock()).filter((line) => line.startsWith('<1@'));
    expect(stock).toEqual(['<1@acme>: held, id-conflict, read-elsewhere', '<1@acme>: scanning']);
  },
  60_000,
);

test('the first one is older than the sweep goes back', async () => {
  await fixture.send('<1@acme>');
  const intake = await fixture.open();
  await intake.pollAll();
  await intake.acknowledge();
  await intake.sweepAll();
  fixture.clock.advance(5 * day);
  await Promise.all(Array.from({ length: 150 }, (_, index) => sendRead(`<between-${String(index)}@acme>`)));
  await intake.sweepAll();
  await intake.sweepAll();
  await sendRead('<1@acme>', 'other bytes');
  fixture.clock.advance(1);
  await intake.sweepAll();
  // Nothing tells it from the first one but where it stands.
  await fixture.send('<end@acme>');
  await intake.sweepAll();
  const stock = (await fixture.stock()).filter((line) => line.startsWith('<1@'));
  expect(stock).toEqual(['<1@acme>: held, id-conflict, read-elsewhere', '<1@acme>: scanning']);
}, 180_000);

test('the same bytes: counted, and not forwarded twice', async () => {
  await fixture.send('<1@acme>', 'same');
  const intake = await fixture.open();
  await intake.pollAll();
  await intake.acknowledge();
  fixture.clock.advance(1);
  await sendRead('<1@acme>', 'same');
  await intake.sweepAll();
  const [message, ...others] = await fixture.messages();
  expect(others).toEqual([]);
  expect(message!.resends).toBe(1);
  const before = asked();
  await intake.sweepAll();
  expect(asked()).toBe(before);
});
