/** Mode observe beside somebody else's program, and the cut-over: no read flag is touched, and nothing is lost or doubled. */
import type { IntakeFixture } from './intake-fixture';
import { openIntakeFixture } from './intake-fixture';

let fixture: IntakeFixture;
beforeEach(async () => {
  fixture = await openIntakeFixture();
});
afterEach(() => fixture.close());

const observing = { settings: { mode: 'observe' } } as const;
const unread = async (): Promise<readonly string[]> =>
  (await fixture.other.inbox.list({ station: 'HUB' })).ids;

test('takes read and unread messages alike and marks nothing, however often it looks', async () => {
  await fixture.send('<unread@acme>');
  await fixture.send('<read@acme>');
  await fixture.other.inbox.markRead('<read@acme>');
  const intake = await fixture.open(observing);
  for (let round = 0; round < 3; round += 1) {
    await intake.pollAll();
    await intake.sweepAll();
    await intake.acknowledge();
  }
  expect((await fixture.messages()).map(({ gatewayId, mode }) => [gatewayId, mode]).sort()).toEqual([
    ['<read@acme>', 'observe'],
    ['<unread@acme>', 'observe'],
  ]);
  expect(await unread()).toEqual(['<unread@acme>']);
  expect(fixture.gateway.calls['POST /message/inbox/{id}/markUnread']).toBeUndefined();
  // Two looks and the mark of the other program.
  expect(fixture.gateway.calls['GET /message/inbox/{id}']).toBe(3);
});

test('the acknowledgement of a message taken before the bridge was set to observe waits, and is done after the cut-over', async () => {
  await fixture.send('<1@acme>');
  await (await fixture.open()).pollAll();
  const intake = await fixture.open(observing);
  await intake.acknowledge();
  expect(await unread()).toEqual(['<1@acme>']);
  await fixture.send('<1@acme>', 'other bytes');
  fixture.clock.advance(1);
  await intake.pollAll();
  await intake.sweepAll();
  await intake.acknowledge();
  expect(await unread()).toEqual(['<1@acme>']);
  await fixture.temporary.ledger.due.voidLeases(fixture.clock.now());
  const again = await fixture.open();
  await again.pollAll();
  await again.acknowledge();
  expect(await unread()).toEqual([]);
});

test('several pages of old messages are not gone through each time', async () => {
  await Promise.all(Array.from({ length: 210 }, (_, index) => fixture.send(`<${String(index)}@acme>`)));
  const intake = await fixture.open(observing);
  await intake.pollAll();
  expect(await fixture.temporary.ledger.messages.countByState()).toEqual({ scanning: 210 });
  const before = fixture.gateway.calls['GET /message/inbox'] ?? 0;
  await fixture.send('<new@acme>');
  await intake.pollAll();
  expect(await fixture.temporary.ledger.messages.countByState()).toEqual({ scanning: 211 });
  expect(fixture.gateway.calls['GET /message/inbox']).toBe(before + 2);
}, 180_000);

describe('after the cut-over', () => {
  test('observed and still unread: taken for real; read meanwhile: the other program had it', async () => {
    await fixture.send('<unread@acme>');
    await fixture.send('<read@acme>');
    const before = await fixture.open(observing);
    await before.pollAll();
    const [first] = (await fixture.messages()).filter(({ gatewayId }) => gatewayId === '<unread@acme>');
    await fixture.other.inbox.markRead('<read@acme>');
    const intake = await fixture.open();
    await intake.pollAll();
    await intake.sweepAll();
    await intake.acknowledge();
    expect(
      (await fixture.messages())
        .map(({ gatewayId, mode, acknowledged }) => [gatewayId, mode, acknowledged])
        .sort(),
    ).toEqual([
      ['<read@acme>', 'observe', false],
      ['<unread@acme>', 'enforce', true],
    ]);
    expect(await unread()).toEqual([]);
    const [now] = (await fixture.messages()).filter(({ gatewayId }) => gatewayId === '<unread@acme>');
    expect(now!.attachments[0]!.scan.groupId).not.toBe(first!.attachments[0]!.scan.groupId);
    expect(fixture.gateway.calls['POST /message/inbox/{id}/markUnread']).toBeUndefined();
    await intake.pollAll();
    await intake.sweepAll();
    expect(await fixture.messages()).toHaveLength(2);
  });

  test.each([
    ['the route goes elsewhere now', { route: { name: 'other' } }, ['no-route']],
    ['the ledger was restored since', {}, ['after-restore']],
  ])('%s: held for a person', async (_name, changes, codes) => {
    await fixture.send('<1@acme>');
    await (await fixture.open(observing)).pollAll();
    fixture.clock.advance(1);
    if (codes.includes('after-restore'))
      await fixture.temporary.ledger.settings.set(
        'after-restore',
        JSON.stringify({ at: fixture.clock.now() }),
      );
    const intake = await fixture.open(changes);
    await intake.pollAll();
    await intake.acknowledge();
    expect(await fixture.stock()).toEqual([`<1@acme>: held, ${codes.join(', ')}`]);
    expect(await unread()).toEqual([]);
  });

  test('sent again since: the other program may have had the first copy, so a person decides, or the route', async () => {
    for (const [id, readElsewhere] of [
      ['<1@acme>', 'hold'],
      ['<2@acme>', 'take'],
    ] as const) {
      await fixture.send(id, 'same');
      await (await fixture.open(observing)).pollAll();
      await fixture.other.inbox.markRead(id);
      fixture.clock.advance(1);
      await fixture.send(id, 'same');
      const intake = await fixture.open({ route: { readElsewhere } });
      await intake.pollAll();
      await intake.acknowledge();
    }
    expect(await fixture.stock()).toEqual(['<1@acme>: held, read-elsewhere', '<2@acme>: scanning']);
    expect((await fixture.messages()).map(({ resends }) => resends)).toEqual([1, 1]);
    expect(await unread()).toEqual([]);
  });

  test('its bytes were removed meanwhile: fetched and taken anew', async () => {
    await fixture.send('<1@acme>');
    await (await fixture.open(observing)).pollAll();
    fixture.temporary.tamper('update message set bytes_removed = 1');
    const intake = await fixture.open();
    await intake.pollAll();
    await intake.acknowledge();
    const messages = await fixture.messages();
    expect(messages.map(({ mode, acknowledged }) => [mode, acknowledged])).toEqual([
      ['enforce', true],
      ['observe', false],
    ]);
    expect(await unread()).toEqual([]);
  });
});
