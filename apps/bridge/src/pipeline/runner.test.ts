import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectionError, ResponseShapeError, ServiceUnavailableError } from '@mft-bridge/http-transport';
import { CustodyDamagedError } from '../custody/custody';
import type { Stage } from '../domain/message-event';
import { stages } from '../domain/message-event';
import type { DueWork } from '../ledger/ledger';
import { StaleChangeError } from '../ledger/ledger';
import { sampleMessage, taking } from '../ledger/test/sample-message';
import type { TemporaryLedger } from '../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../ledger/test/temporary-ledger';
import { createActivity } from '../telemetry/activity';
import { createLogger } from '../telemetry/log';
import type { PipelineContext } from './context';
import type { Runner } from './runner';
import { createRunner } from './runner';
import type { StageHandler } from './stage';

type GivenUp = Parameters<StageHandler['giveUp']>[1];

const facts = {
  message: 'files.status failed.',
  operation: 'files.status',
  outcome: 'unknown' as const,
  attempts: 1,
};
const away = new ConnectionError({ ...facts, host: 'scanner:8010' });
const garbled = new ResponseShapeError({ ...facts, status: 200 });
const busy = new ServiceUnavailableError({
  ...facts,
  status: 503,
  retryAfterMs: 7_000,
  method: 'GET',
  path: '/',
  headers: {},
});

let temporary: TemporaryLedger;
let runner: Runner | undefined;
let activity: ReturnType<typeof createActivity>;

beforeEach(async () => {
  temporary = await openTemporaryLedger();
  activity = createActivity({ now: () => temporary.clock.now });
  activity.serviceUp('scanner');
  activity.serviceUp('gateway');
});
afterEach(async () => {
  await runner?.stop(0);
  await temporary.close();
});

/** One message in custody: work of `acknowledge`, and of `scan` for each attachment. */
async function take(attachments = 1): Promise<void> {
  await temporary.ledger.commit(taking(sampleMessage('m', { attachments })));
}

function start(scan: Partial<StageHandler>, limit = 4): Runner {
  const { ledger, clock } = temporary;
  const unwanted: StageHandler = {
    run: (work) => ledger.due.finish(work).then(() => ({ type: 'done' })),
    giveUp: () => Promise.reject(new Error('not to be given up')),
    deadlineMs: null,
    tries: 3,
    service: null,
  };
  const context: PipelineContext = {
    ledger,
    activity,
    now: () => clock.now,
    random: () => 0.5,
    log: createLogger({ level: 'error', destination: { write: () => undefined } }),
    metrics: { transition: ignore, bytes: ignore, retry: ignore, step: ignore },
    settings: { retry: { baseMs: 100, maxMs: 10_000, tries: 3 } },
  } as unknown as PipelineContext;
  const all = (value: StageHandler): Record<Stage, StageHandler> =>
    Object.fromEntries(stages.map((stage) => [stage, value])) as Record<Stage, StageHandler>;
  const limits = Object.fromEntries(stages.map((stage) => [stage, limit])) as Record<Stage, number>;
  runner = createRunner(context, {
    stages: { ...all(unwanted), scan: { ...unwanted, service: 'scanner', ...scan } },
    limits,
  });
  runner.start();
  return runner;
}

const ignore = (): void => undefined;

/** The scan rows, as they stand when nobody works on them. */
async function scans(): Promise<readonly DueWork[]> {
  await sleep(40);
  const summary = await temporary.ledger.messages.list({ limit: 1 });
  return (summary.items[0]?.waiting ?? []).filter(({ kind }) => kind === 'scan');
}

async function until(probe: () => boolean): Promise<void> {
  for (let turn = 0; !probe(); turn += 1) {
    if (turn > 400) throw new Error('waited in vain');
    await sleep(5);
  }
}

/** Moves the clock past the next due time and lets the runner look. */
async function goOn(ms: number): Promise<void> {
  temporary.clock.now += ms;
  runner?.wake();
  await sleep(40);
}

test('a service that is away: no try is counted, it is marked as down, and the wait grows with the age', async () => {
  await take();
  const run = jest.fn(() => Promise.reject(away));
  start({ run });
  const [first] = await scans();
  expect(first).toMatchObject({ attempts: 0, why: away.message });
  expect(activity.readiness().reasons).toEqual([{ part: 'scanner', reason: away.message }]);
  for (let turn = 0; turn < 10; turn += 1) await goOn(20_000);
  expect(run.mock.calls.length).toBeGreaterThanOrEqual(10);
  const [later] = await scans();
  expect(later!.attempts).toBe(0);
  expect(later!.dueAt - temporary.clock.now).toBeGreaterThan(first!.dueAt - 1_000);
});

test('Retry-After is kept, and answers of a busy service are no tries', async () => {
  await take();
  start({ run: () => Promise.reject(busy) });
  const [work] = await scans();
  expect(work).toMatchObject({ attempts: 0, dueAt: temporary.clock.now + 7_000 });
});

test('answers that are not understood: bounded tries, then given up, once', async () => {
  await take();
  const givenUp: GivenUp[] = [];
  start({
    run: () => Promise.reject(garbled),
    async giveUp(work, why) {
      givenUp.push(why);
      await temporary.ledger.due.finish(work);
    },
  });
  await scans();
  for (let turn = 0; turn < 5; turn += 1) await goOn(30_000);
  expect(givenUp).toEqual([{ text: garbled.message, unreadable: true, overdue: false, damaged: false }]);
  expect(await scans()).toEqual([]);
});

test('past its deadline it is given up without another try, and people read why it waited', async () => {
  await take();
  const givenUp: GivenUp[] = [];
  const run = jest.fn(() =>
    Promise.resolve({ type: 'later', delayMs: 50_000, why: 'being scanned', failed: false } as const),
  );
  start({
    run,
    deadlineMs: 60_000,
    async giveUp(work, why) {
      givenUp.push(why);
      await temporary.ledger.due.finish(work);
    },
  });
  await until(() => run.mock.calls.length === 1);
  await goOn(60_001);
  expect(run).toHaveBeenCalledTimes(1);
  expect(givenUp).toEqual([{ text: 'being scanned', unreadable: false, overdue: true, damaged: false }]);
});

test('"later" that failed counts, "later" that did not never runs out', async () => {
  await take(2);
  const givenUp: string[] = [];
  start({
    run: (work) =>
      Promise.resolve({ type: 'later', delayMs: 10, why: 'again', failed: work.subject === 'm-1' }),
    async giveUp(work) {
      givenUp.push(work.subject);
      await temporary.ledger.due.finish(work);
    },
  });
  await scans();
  for (let turn = 0; turn < 6; turn += 1) await goOn(1_000);
  expect(givenUp).toEqual(['m-1']);
  expect(await scans()).toEqual([expect.objectContaining({ attempts: 0, why: 'again' })]);
});

test('damaged bytes are given up at the first sight', async () => {
  await take();
  const givenUp: GivenUp[] = [];
  start({
    run: () => Promise.reject(new CustodyDamagedError('other bytes')),
    async giveUp(work, why) {
      givenUp.push(why);
      await temporary.ledger.due.finish(work);
    },
  });
  await until(() => givenUp.length === 1);
  expect(givenUp[0]).toMatchObject({ damaged: true, text: 'other bytes' });
});

test('a lost race is done again soon, and is no try', async () => {
  await take();
  start({ run: () => Promise.reject(new StaleChangeError('moved on')) });
  expect(await scans()).toEqual([expect.objectContaining({ attempts: 0, dueAt: temporary.clock.now + 50 })]);
});

test('an outcome that cannot be written: the row stands, and the step is done again', async () => {
  await take();
  const giveUp = jest.fn(() => Promise.reject(new Error('the ledger is full')));
  start({ run: () => Promise.reject(garbled), tries: 1, giveUp });
  expect(await scans()).toEqual([
    expect.objectContaining({ attempts: 0, why: 'the ledger did not take the outcome' }),
  ]);
  await goOn(5_000);
  expect(giveUp).toHaveBeenCalledTimes(2);
});

test('no more steps of a stage run than its limit says, and all are done', async () => {
  await take(9);
  let running = 0;
  let most = 0;
  let done = 0;
  start(
    {
      async run(work) {
        running += 1;
        most = Math.max(most, running);
        await sleep(10);
        running -= 1;
        done += 1;
        await temporary.ledger.due.finish(work);
        return { type: 'done' };
      },
    },
    3,
  );
  await until(() => done === 9);
  expect(most).toBe(3);
  expect(await scans()).toEqual([]);
});

describe('stop', () => {
  test('lets a running step end within the grace, and begins no other', async () => {
    await take(3);
    let begun = 0;
    let ended = 0;
    start(
      {
        async run(work) {
          begun += 1;
          await sleep(100);
          ended += 1;
          await temporary.ledger.due.finish(work);
          return { type: 'done' };
        },
      },
      1,
    );
    await until(() => begun === 1);
    await runner!.stop(5_000);
    expect([begun, ended]).toEqual([1, 1]);
    expect(await scans()).toHaveLength(2);
  });

  test('aborts what outlasts the grace, and gives it back to be done at once, without counting a try', async () => {
    await take();
    let begun = 0;
    start({
      run: (_work, signal) =>
        new Promise((_resolve, reject) => {
          begun += 1;
          signal.addEventListener('abort', () => reject(new Error('cut off')));
        }),
    });
    await until(() => begun === 1);
    const since = Date.now();
    await runner!.stop(50);
    expect(Date.now() - since).toBeLessThan(2_000);
    const [work] = await temporary.ledger.due.claim({
      limits: { scan: 1 },
      now: temporary.clock.now,
      leaseMs: 1,
    });
    expect(work).toMatchObject({ attempts: 0, why: 'the bridge was stopped', epoch: 2 });
  });
});
