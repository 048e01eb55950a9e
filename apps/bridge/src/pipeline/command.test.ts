import { reason } from '../domain/reason';
import type { DueWork } from '../ledger/ledger';
import { changing, sampleMessage, taking } from '../ledger/test/sample-message';
import type { TemporaryLedger } from '../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../ledger/test/temporary-ledger';
import { countingIds } from '../../test/build-message';
import { createLogger } from '../telemetry/log';
import { createCommandStage } from './command';
import type { PipelineContext } from './context';
import type { StageHandler } from './stage';

const { message } = sampleMessage('m', { attachments: 1 });
const id = 'c'.repeat(32);
let temporary: TemporaryLedger;
let stage: StageHandler;
/** The process dies before the end of a command was noted. */
let dies: boolean;

beforeEach(async () => {
  temporary = await openTemporaryLedger();
  dies = false;
  const { ledger } = temporary;
  await ledger.commit(taking(sampleMessage('m', { attachments: 1 })));
  await ledger.commit(changing(message, [{ type: 'refused', reasons: [reason('id-conflict')] }]));
  stage = createCommandStage({
    ledger: {
      ...ledger,
      commands: {
        ...ledger.commands,
        conclude: (...args: Parameters<typeof ledger.commands.conclude>) =>
          dies ? Promise.reject(new Error('killed')) : ledger.commands.conclude(...args),
      },
    },
    routes: [
      {
        name: 'all',
        match: { station: null, partner: null },
        destinations: ['warehouse'],
        onUnknown: 'hold',
        readElsewhere: 'hold',
        inOrder: false,
      },
    ],
    destinations: new Map(),
    settings: { retry: { baseMs: 1, maxMs: 2, tries: 3 } },
    newId: countingIds(),
    now: () => 2_000,
    wake: () => undefined,
    metrics: { transition: () => undefined },
    log: createLogger({ level: 'error', destination: { write: () => undefined } }),
  } as unknown as PipelineContext);
});
afterEach(() => temporary.close());

const signal = new AbortController().signal;

async function ask(
  kind: 'replay' | 'legal-hold',
  argument: Readonly<Record<string, unknown>>,
): Promise<void> {
  await temporary.ledger.commands.ask({
    id,
    kind,
    messageId: message.id,
    argument,
    actor: 'api token',
    askedAt: 1_000,
  });
}

async function claim(now = 2_000): Promise<DueWork> {
  const [work] = await temporary.ledger.due.claim({ limits: { command: 1 }, now, leaseMs: 10 });
  return work!;
}

const replays = async (): Promise<number> =>
  (await temporary.ledger.messages.timeline(message.id)).filter(({ event }) => event.type === 'replayed')
    .length;

test('a command is carried out, its outcome noted, and its work gone', async () => {
  await ask('replay', { evenIfSent: false });
  expect(await stage.run(await claim(), signal)).toEqual({ type: 'done' });
  expect(await temporary.ledger.commands.find(id)).toMatchObject({
    doneAt: 2_000,
    outcome: { done: true, text: 'It goes its way again, from a fresh scan.' },
  });
  expect((await temporary.ledger.due.count()).command).toBeUndefined();
  expect((await temporary.ledger.due.count()).scan).toBe(1);
});

test('dead between the change and its end: not carried out twice, and told as done', async () => {
  await ask('replay', { evenIfSent: false });
  dies = true;
  await expect(stage.run(await claim(), signal)).rejects.toThrow('killed');
  expect(await replays()).toBe(1);
  dies = false;
  await stage.run(await claim(3_000), signal);
  expect(await replays()).toBe(1);
  expect(await temporary.ledger.commands.find(id)).toMatchObject({ outcome: { done: true } });
});

test('what is not allowed any more is told to the one who asked', async () => {
  await ask('replay', { evenIfSent: false });
  const work = await claim();
  await temporary.ledger.commit(
    changing((await temporary.ledger.messages.load(message.id))!, [{ type: 'bytes-removed', place: 'held' }]),
  );
  await stage.run(work, signal);
  expect(await temporary.ledger.commands.find(id)).toMatchObject({
    outcome: { done: false, text: expect.stringContaining('no longer in custody') },
  });
  expect(await replays()).toBe(0);
});

test('one that cannot be carried out in time ends with the reason; one that is done stays done', async () => {
  await ask('legal-hold', { on: true, why: 'Case 17' });
  const why = { text: 'the ledger is full', unreadable: false, overdue: true, damaged: false };
  await stage.giveUp(await claim(), why);
  const outcome = { done: false, text: 'It could not be done: the ledger is full' };
  expect(await temporary.ledger.commands.find(id)).toMatchObject({ outcome });
  expect((await temporary.ledger.due.count()).command).toBeUndefined();
});
