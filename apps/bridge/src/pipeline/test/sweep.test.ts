/** The sweep: what somebody else marked read is found, however much of it there is and however often it is broken off. */
import type { IntakeFixture } from './intake-fixture';
import { openIntakeFixture } from './intake-fixture';

const hour = 3_600_000;
const day = 24 * hour;
let fixture: IntakeFixture;
beforeEach(async () => {
  fixture = await openIntakeFixture();
});
afterEach(() => fixture.close());

const calls = (operation: string): number => fixture.gateway.calls[operation] ?? 0;
const asked = (): number => calls('GET /message/inbox/{id}');

async function sendRead(id: string, text?: string): Promise<void> {
  await fixture.send(id, text);
  await fixture.other.inbox.markRead(id);
}

test('read by somebody else before it was in custody: taken and held, unless its route says take', async () => {
  await sendRead('<1@acme>');
  const intake = await fixture.open();
  await intake.pollAll();
  expect(await fixture.messages()).toEqual([]);
  expect(await intake.sweepAll()).toBe(true);
  expect(await fixture.stock()).toEqual(['<1@acme>: held, read-elsewhere']);

  const taking = await fixture.open({ route: { readElsewhere: 'take' } });
  await sendRead('<2@acme>');
  await taking.sweepAll();
  expect(await fixture.stock()).toEqual(['<1@acme>: held, read-elsewhere', '<2@acme>: scanning']);
});

test('what stands unread is left to the poll, and costs the sweep no request', async () => {
  await fixture.send('<1@acme>');
  const intake = await fixture.open();
  await intake.sweepAll();
  expect(await fixture.messages()).toEqual([]);
  expect(asked()).toBe(0);
});

test('read between the list of unread messages and the look at it: held as well', async () => {
  await fixture.send('<1@acme>');
  const intake = await fixture.open();
  const end = fixture.gateway.onCall(({ operation, phase }) => {
    if (operation !== 'GET /message/inbox' || phase !== 'answered') return;
    end();
    markedRead = fixture.other.inbox.markRead('<1@acme>');
  });
  let markedRead: Promise<unknown> = Promise.resolve();
  const { inbox } = intake.context.gateway;
  const get = inbox.get;
  inbox.get = async (...parameters) => {
    await markedRead;
    return get(...parameters);
  };
  await intake.pollAll();
  inbox.get = get;
  expect(await fixture.stock()).toEqual(['<1@acme>: held, read-elsewhere']);
});

test('more than two pages of read messages; what is known costs no request the next time', async () => {
  await Promise.all(Array.from({ length: 230 }, (_, index) => sendRead(`<${String(index)}@acme>`)));
  const intake = await fixture.open();
  await intake.sweepAll();
  expect(await fixture.temporary.ledger.messages.countByState()).toEqual({ held: 230 });
  const before = asked();
  await intake.sweepAll();
  expect(asked()).toBe(before);
}, 180_000);

test('the offset counts messages, not pages: each is found all the same', async () => {
  await fixture.close();
  fixture = await openIntakeFixture({ undocumented: { pageOffset: 'rows' } });
  await Promise.all(Array.from({ length: 230 }, (_, index) => sendRead(`<${String(index)}@acme>`)));
  const intake = await fixture.open();
  await intake.sweepAll();
  expect(await fixture.temporary.ledger.messages.countByState()).toEqual({ held: 230 });
  // Three pages, the one that told, and one of unread messages.
  expect(calls('GET /message/inbox')).toBe(5);
}, 180_000);

describe('how far back', () => {
  test('the first two go back to startFrom and never before it; later ones to a day before the last but one', async () => {
    await sendRead('<too-old@acme>');
    fixture.clock.advance(day);
    const startFrom = fixture.clock.now();
    await Promise.all(Array.from({ length: 130 }, (_, index) => sendRead(`<${String(index)}@acme>`)));
    fixture.clock.advance(2 * day);
    const intake = await fixture.open({ settings: { startFrom } });
    const lists: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      const before = calls('GET /message/inbox');
      await intake.sweepAll();
      // One of them is that of unread messages.
      lists.push(calls('GET /message/inbox') - before - 1);
    }
    expect(lists).toEqual([2, 2, 1]);
    expect(await fixture.temporary.ledger.messages.countByState()).toEqual({ held: 130 });
    expect(await fixture.temporary.ledger.messages.findByGatewayId('<too-old@acme>')).toEqual([]);
  }, 180_000);

  test('over a restart', async () => {
    await sendRead('<1@acme>');
    const first = await fixture.open();
    await first.sweepAll();
    await first.sweepAll();
    fixture.clock.advance(day + hour);
    const mark = await fixture.temporary.ledger.settings.get('sweep:HUB');
    expect(JSON.parse(mark ?? '')).toMatchObject({ before: expect.any(Number) });
    await sendRead('<2@acme>');
    await (await fixture.open()).sweepAll();
    expect(await fixture.stock()).toEqual([
      '<1@acme>: held, read-elsewhere',
      '<2@acme>: held, read-elsewhere',
    ]);
  });

  test('startFrom moved back: the sweep begins anew, and takes what was skipped', async () => {
    await sendRead('<old@acme>');
    fixture.clock.advance(5 * day);
    const late = await fixture.open({ settings: { startFrom: fixture.clock.now() } });
    await late.sweepAll();
    await late.sweepAll();
    expect(asked()).toBe(2); // marked read by the other one, looked at by the sweep
    expect(await fixture.messages()).toEqual([]);
    const early = await fixture.open();
    await early.sweepAll();
    expect(await fixture.stock()).toEqual(['<old@acme>: held, read-elsewhere']);
  });
});

test('broken off in the middle: the watermark stays, and the next one finds the rest', async () => {
  await Promise.all(Array.from({ length: 12 }, (_, index) => sendRead(`<${String(index)}@acme>`)));
  const intake = await fixture.open();
  const abort = new AbortController();
  let count = 0;
  const end = fixture.gateway.onCall(({ operation, phase }) => {
    if (operation === 'GET /message/inbox/{id}/attachments' && phase === 'answered' && (count += 1) === 5)
      abort.abort();
  });
  await expect(intake.sweep(abort.signal)).rejects.toThrow();
  end();
  const found = (await fixture.messages()).length;
  expect(found).toBeGreaterThan(0);
  expect(found).toBeLessThan(12);
  expect(await fixture.temporary.ledger.settings.get('sweep:HUB')).toBeUndefined();
  await (await fixture.open()).sweepAll();
  expect(await fixture.messages()).toHaveLength(12);
});

test('the gateway goes away: the watermark stays', async () => {
  await sendRead('<1@acme>');
  const intake = await fixture.open();
  await fixture.gateway.unplug();
  await expect(intake.sweepAll()).rejects.toThrow();
  await fixture.gateway.plug();
  expect(await fixture.temporary.ledger.settings.get('sweep:HUB')).toBeUndefined();
  expect(await fixture.temporary.ledger.intakeFailures.list()).toEqual([]);
  await intake.sweepAll();
  expect(await fixture.stock()).toEqual(['<1@acme>: held, read-elsewhere']);
}, 180_000);

test('deleted while the sweep goes on: nothing', async () => {
  await sendRead('<1@acme>');
  await sendRead('<2@acme>');
  const intake = await fixture.open({ settings: { intakeConcurrency: 1 } });
  const { inbox } = intake.context.gateway;
  const list = inbox.list;
  inbox.list = async (...parameters) => {
    const page = await list(...parameters);
    if (page.ids.length > 0) await fixture.other.inbox.delete('<1@acme>');
    return page;
  };
  expect(await intake.sweepAll()).toBe(true);
  inbox.list = list;
  expect(await fixture.stock()).toEqual(['<2@acme>: held, read-elsewhere']);
  expect(await fixture.temporary.ledger.intakeFailures.list()).toEqual([]);
});

describe('beside the poll', () => {
  test('taken and marked read by the poll while the sweep reads its lists: not held as read by somebody else', async () => {
    await fixture.send('<1@acme>');
    const intake = await fixture.open();
    const { inbox } = intake.context.gateway;
    const list = inbox.list;
    let isFirst = true;
    inbox.list = async (...parameters) => {
      const page = await list(...parameters);
      if (isFirst) {
        isFirst = false;
        await intake.pollAll();
        await intake.acknowledge();
      }
      return page;
    };
    await intake.sweepAll();
    inbox.list = list;
    expect(await fixture.stock()).toEqual(['<1@acme>: scanning']);
  });

  test('both have the same message in hand: taken once', async () => {
    await sendRead('<1@acme>');
    const intake = await fixture.open();
    const { inbox } = intake.context.gateway;
    const attachments = inbox.attachments;
    inbox.attachments = async (...parameters) => {
      inbox.attachments = attachments;
      await fixture.other.inbox.markUnread('<1@acme>');
      await intake.pollAll();
      return attachments(...parameters);
    };
    await intake.sweepAll();
    expect(await fixture.stock()).toEqual(['<1@acme>: held, read-elsewhere']);
    await intake.pollAll();
    await intake.acknowledge();
    expect(await fixture.messages()).toHaveLength(1);
  });
});

test('too much is in work: the sweep waits, and goes on by itself', async () => {
  await Promise.all(Array.from({ length: 5 }, (_, index) => sendRead(`<${String(index)}@acme>`)));
  const intake = await fixture.open({
    route: { readElsewhere: 'take' },
    settings: { highWaterMessages: 2, intakeConcurrency: 1 },
  });
  expect(await intake.sweepAll()).toBe(false);
  expect(await fixture.messages()).toHaveLength(2);
  expect(await intake.sweepAll()).toBe(false);
  fixture.temporary.tamper("update message set state = 'forwarded'");
  expect(await intake.sweepAll()).toBe(false);
  expect(await fixture.messages()).toHaveLength(4);
  fixture.temporary.tamper("update message set state = 'forwarded'");
  expect(await intake.sweepAll()).toBe(true);
  expect(await fixture.messages()).toHaveLength(5);
});

test('what the sweep could not take is tried again although the watermark has passed it', async () => {
  await sendRead('<bad@acme>');
  await sendRead('<good@acme>');
  const intake = await fixture.open();
  const fault = fixture.gateway.faults.add({
    on: 'GET /message/inbox/{id}/attachments',
    params: { id: '<bad@acme>' },
    fault: { kind: 'status', status: 400 },
  });
  await intake.sweepAll();
  expect(await fixture.stock()).toEqual(['<good@acme>: held, read-elsewhere']);
  expect(await fixture.temporary.ledger.intakeFailures.list()).toMatchObject([
    { gatewayId: '<bad@acme>', tries: 1 },
  ]);
  fixture.clock.advance(5 * day);
  await Promise.all(Array.from({ length: 100 }, (_, index) => sendRead(`<${String(index)}@acme>`)));
  fixture.clock.advance(5 * day);
  await intake.sweepAll();
  await intake.sweepAll();
  fault.remove();
  fixture.clock.advance(hour);
  await intake.sweepAll();
  expect(await fixture.stock()).toContain('<bad@acme>: held, read-elsewhere');
  expect(await fixture.temporary.ledger.intakeFailures.list()).toEqual([]);
}, 180_000);
