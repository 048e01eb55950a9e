/** What intake leaves alone, when it waits, and what it says of a message that it cannot take. */
import type { IntakeFixture } from './intake-fixture';
import { openIntakeFixture } from './intake-fixture';

const hour = 3_600_000;
const day = 24 * hour;
let fixture: IntakeFixture;
beforeEach(async () => {
  fixture = await openIntakeFixture();
});
afterEach(() => fixture.close());

const asked = (): number => fixture.gateway.calls['GET /message/inbox/{id}'] ?? 0;
const failures = () => fixture.temporary.ledger.intakeFailures.list();
const paused = (intake: { activity: { readiness(): { reasons: readonly { reason: string }[] } } }) =>
  intake.activity
    .readiness()
    .reasons.map(({ reason }) => reason)
    .filter((reason) => reason.includes('highWater'));

describe('older than startFrom', () => {
  test('asked for once, also over restarts; who moves startFrom back takes it', async () => {
    await fixture.send('<old@acme>');
    fixture.clock.advance(2 * day);
    const settings = { startFrom: fixture.clock.now() - day };
    await fixture.send('<new@acme>');
    const first = await fixture.open({ settings });
    await first.pollAll();
    await first.pollAll();
    expect(await fixture.stock()).toEqual(['<new@acme>: scanning']);
    const before = asked();
    const second = await fixture.open({ settings });
    await second.pollAll();
    // The known one only: it stands unread until its acknowledgement is done.
    expect(asked()).toBe(before + 1);

    await (await fixture.open({ settings: { startFrom: fixture.clock.now() - 3 * day } })).pollAll();
    expect(await fixture.stock()).toEqual(['<new@acme>: scanning', '<old@acme>: scanning']);
  });

  test.each([
    ['pages', 530],
    ['rows', 530],
    ['pages', 100],
    ['pages', 99],
  ] as const)(
    'many of them, unread since ever (the offset counts %s, %i messages): neither asked for nor listed in each round',
    async (pageOffset, count) => {
      await fixture.close();
      fixture = await openIntakeFixture({ undocumented: { pageOffset } });
      await Promise.all(Array.from({ length: count }, (_, index) => fixture.send(`<${String(index)}@acme>`)));
      fixture.clock.advance(1);
      const settings = { startFrom: fixture.clock.now() };
      const intake = await fixture.open({ settings });
      await Promise.all(
        Array.from({ length: 120 }, (_, index) => fixture.send(`<new-${String(index)}@acme>`)),
      );
      await intake.pollAll();
      expect(await fixture.temporary.ledger.messages.countByState()).toEqual({ scanning: 120 });
      expect(asked()).toBeLessThan(340);
      await intake.acknowledge();
      await fixture.send('<last@acme>');
      const lists = fixture.gateway.calls['GET /message/inbox'] ?? 0;
      await intake.pollAll();
      expect(await fixture.temporary.ledger.messages.countByState()).toEqual({ scanning: 121 });
      expect((fixture.gateway.calls['GET /message/inbox'] ?? 0) - lists).toBeLessThanOrEqual(3);
      // Somebody else marks old ones read: the others move up.
      for (let index = 0; index < 60; index += 1)
        await fixture.other.inbox.markRead(`<${String(index)}@acme>`);
      await fixture.send('<after@acme>');
      await intake.pollAll();
      expect(await fixture.temporary.ledger.messages.countByState()).toEqual({ scanning: 122 });
    },
    120_000,
  );

  test('the gateway gives the same page for every offset: a round ends all the same', async () => {
    await Promise.all(Array.from({ length: 100 }, (_, index) => fixture.send(`<${String(index)}@acme>`)));
    fixture.clock.advance(1);
    for (const startFrom of [0, fixture.clock.now()]) {
      const intake = await fixture.open({ settings: { startFrom } });
      const { inbox } = intake.context.gateway;
      const list = inbox.list;
      inbox.list = (query, options) => list({ ...query, page: 0 }, options);
      await intake.pollAll();
      await intake.sweepAll();
      await intake.pollAll();
      inbox.list = list;
    }
    expect(await fixture.temporary.ledger.messages.countByState()).toEqual({ scanning: 100 });
  }, 180_000);

  test('the list does not go by time, so the poll does not see one of ours: the sweep takes it', async () => {
    await Promise.all(Array.from({ length: 130 }, (_, index) => fixture.send(`<${String(index)}@acme>`)));
    fixture.clock.advance(1);
    const startFrom = fixture.clock.now();
    await fixture.send('<hidden@acme>');
    const intake = await fixture.open({ settings: { startFrom } });
    const { inbox } = intake.context.gateway;
    const list = inbox.list;
    inbox.list = async (query, options) => {
      const page = await list(query, options);
      const ids = page.ids.filter((id) => id !== '<hidden@acme>');
      const isFirst = query?.sort === 'asc' && query.page === 0;
      return query?.sort === 'asc' ? { ...page, ids: isFirst ? ['<hidden@acme>', ...ids] : ids } : page;
    };
    await intake.pollAll();
    await intake.sweepAll();
    expect(await fixture.messages()).toEqual([]);
    await intake.pollAll();
    await intake.pollAll();
    await intake.sweepAll();
    inbox.list = list;
    expect(await fixture.stock()).toEqual(['<hidden@acme>: scanning']);
  }, 180_000);
});

describe('too much is in work', () => {
  test('messages: intake stops at the mark, says so, and goes on by itself', async () => {
    await Promise.all(Array.from({ length: 9 }, (_, index) => fixture.send(`<${String(index)}@acme>`)));
    const intake = await fixture.open({ settings: { highWaterMessages: 4, intakeConcurrency: 1 } });
    await intake.pollAll();
    expect(await fixture.messages()).toHaveLength(4);
    expect(paused(intake)).toEqual([expect.stringContaining('4 messages are in work')]);
    await intake.pollAll();
    expect(await fixture.messages()).toHaveLength(4);
    fixture.temporary.tamper("update message set state = 'forwarded'");
    await intake.pollAll();
    expect(await fixture.messages()).toHaveLength(8);
    fixture.temporary.tamper("update message set state = 'forwarded'");
    await intake.pollAll();
    expect(await fixture.messages()).toHaveLength(9);
    expect(paused(intake)).toEqual([]);
  });

  test('bytes: what runs may end above the mark, nothing more begins', async () => {
    for (let index = 0; index < 6; index += 1)
      await fixture.send(`<${String(index)}@acme>`, 'x'.repeat(1_000));
    const intake = await fixture.open({ settings: { highWaterBytes: 2_500, intakeConcurrency: 2 } });
    await intake.pollAll();
    const taken = (await fixture.messages()).length;
    expect(taken).toBeGreaterThanOrEqual(3);
    expect(taken).toBeLessThanOrEqual(4);
    expect(paused(intake)).toEqual([expect.stringContaining('intake.highWater.bytes is 2500')]);
  });

  test('one message that is larger than the mark: taken when nothing is in work, and it blocks nobody for ever', async () => {
    await fixture.send('<1@acme>', 'x'.repeat(10));
    await fixture.send('<large@acme>', 'x'.repeat(5_000));
    await fixture.send('<3@acme>', 'x'.repeat(10));
    const intake = await fixture.open({ settings: { highWaterBytes: 10, intakeConcurrency: 1 } });
    const taken: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await intake.pollAll();
      taken.push((await fixture.messages()).length);
      fixture.temporary.tamper("update message set state = 'forwarded'");
    }
    expect(taken).toEqual([1, 2, 3]);
  });
});

describe('what cannot be taken', () => {
  const spoil = (id: string) =>
    fixture.gateway.faults.add({
      on: 'GET /message/inbox/{id}/attachments',
      params: { id },
      fault: { kind: 'status', status: 400 },
    });

  test('tried at its pace, then once an hour, after 35 days once a day and with plain words; taken when it is mended', async () => {
    await fixture.send('<bad@acme>');
    const intake = await fixture.open();
    const fault = spoil('<bad@acme>');
    const waits: number[] = [];
    for (let count = 0; count < 4; count += 1) {
      await intake.pollAll();
      const [failure] = await failures();
      waits.push(failure!.nextAt - fixture.clock.now());
      fixture.clock.advance(failure!.nextAt - fixture.clock.now());
    }
    expect(waits).toEqual([500, 1_000, hour, hour]);
    fixture.clock.advance(35 * day);
    await intake.pollAll();
    const [overdue] = await failures();
    expect(overdue!.nextAt - fixture.clock.now()).toBe(day);
    expect(overdue!.reason).toMatch(/could not be taken since 2026-06-01.*ask the partner to send it again/);
    expect((await fixture.other.inbox.list({ station: 'HUB' })).ids).toEqual(['<bad@acme>']);
    fault.remove();
    fixture.clock.advance(day);
    await intake.pollAll();
    // The sandbox keeps to it: after 35 days the attachments are gone.
    expect((await failures())[0]!.reason).toMatch(/could not be taken since/);
  });

  test('one does not stop the others, is left alone until its time, and is forgotten once it was taken', async () => {
    await fixture.send('<bad@acme>');
    const intake = await fixture.open();
    const fault = spoil('<bad@acme>');
    await fixture.send('<good@acme>');
    await intake.pollAll();
    expect(await fixture.stock()).toEqual(['<good@acme>: scanning']);
    fault.remove();
    await intake.pollAll();
    expect(await failures()).toHaveLength(1);
    fixture.clock.advance(hour);
    await intake.pollAll();
    expect(await failures()).toEqual([]);
    expect(await fixture.messages()).toHaveLength(2);
  });

  test('deleted at the gateway before it could be taken: said, and forgotten after its deadline', async () => {
    await fixture.send('<bad@acme>');
    const intake = await fixture.open();
    spoil('<bad@acme>');
    await intake.pollAll();
    await fixture.other.inbox.delete('<bad@acme>');
    fixture.clock.advance(hour);
    await intake.pollAll();
    await intake.sweepAll();
    expect((await failures())[0]!.reason).toMatch(/deleted there before it could be taken/);
    fixture.clock.advance(36 * day);
    await intake.sweepAll();
    expect(await failures()).toEqual([]);
  });

  test('a message of a station that is not read is never taken, whatever the list says', async () => {
    await fixture.close();
    fixture = await openIntakeFixture({ stations: ['HUB', 'SECRET'] });
    await fixture.gateway.partner('ACME').send({
      to: 'SECRET',
      messageId: '<1@acme>',
      attachments: [{ name: 'a', content: Buffer.from('a') }],
    });
    const intake = await fixture.open();
    const { inbox } = intake.context.gateway;
    const list = inbox.list;
    inbox.list = ({ page, pageLength, sort, unreadOnly } = {}, options) =>
      list({ page, pageLength, sort, unreadOnly }, options);
    await intake.pollAll();
    await intake.sweepAll();
    inbox.list = list;
    expect(await fixture.messages()).toEqual([]);
    expect((await failures())[0]!.reason).toMatch(/station "SECRET"/);
  });
});

describe('after a restore', () => {
  const restoredAt = async (value: string): Promise<void> =>
    fixture.temporary.ledger.settings.set('after-restore', value);

  test('what the ledger does not know and the gateway had before is held, read or not, whatever the route says', async () => {
    await fixture.send('<unread@acme>');
    await fixture.send('<read@acme>');
    await fixture.other.inbox.markRead('<read@acme>');
    fixture.clock.advance(hour);
    await restoredAt(JSON.stringify({ at: fixture.clock.now() }));
    fixture.clock.advance(hour);
    await fixture.send('<later@acme>');
    const intake = await fixture.open({ route: { readElsewhere: 'take' } });
    await intake.pollAll();
    await intake.sweepAll();
    await intake.acknowledge();
    expect(await fixture.stock()).toEqual([
      '<later@acme>: scanning',
      '<read@acme>: held, after-restore',
      '<unread@acme>: held, after-restore',
    ]);
    expect((await fixture.other.inbox.list({ station: 'HUB' })).ids).toEqual([]);
  });

  test('a time that nobody can read counts for everything', async () => {
    await restoredAt('yesterday');
    await fixture.send('<1@acme>');
    await (await fixture.open()).pollAll();
    expect(await fixture.stock()).toEqual(['<1@acme>: held, after-restore']);
  });
});
