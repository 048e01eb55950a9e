import { sampleMessage, taking } from '../ledger/test/sample-message';
import type { TemporaryLedger } from '../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../ledger/test/temporary-ledger';
import { createLogger } from '../telemetry/log';
import { createAcknowledgeStage } from './acknowledge';
import type { PipelineContext } from './context';
import type { StageHandler } from './stage';

let temporary: TemporaryLedger;
beforeEach(async () => {
  temporary = await openTemporaryLedger();
});
afterEach(() => temporary.close());

const stageIn = (mode: 'enforce' | 'observe'): StageHandler =>
  createAcknowledgeStage({
    ledger: temporary.ledger,
    settings: { mode },
    now: () => 2_000,
    wake: () => undefined,
    metrics: { transition: () => undefined },
    log: createLogger({ level: 'error', destination: { write: () => undefined } }),
  } as unknown as PipelineContext);

test('what cannot be marked read in all its time ends where people see it, and the message goes its way', async () => {
  const { ledger } = temporary;
  const { message } = sampleMessage('m');
  await ledger.commit(taking(sampleMessage('m')));
  const [work] = await ledger.due.claim({ limits: { acknowledge: 1 }, now: 2_000, leaseMs: 10 });
  await stageIn('enforce').giveUp(work!, {
    text: 'refused',
    unreadable: false,
    overdue: true,
    damaged: false,
  });
  const timeline = await ledger.messages.timeline(message.id);
  expect(timeline.at(-1)!.event).toEqual({ type: 'acknowledge-failed', why: 'refused' });
  const after = (await ledger.messages.load(message.id))!;
  expect(after.acknowledged).toBe(false);
  expect(after.obligations).toEqual(message.obligations);
  expect((await ledger.due.count()).acknowledge).toBeUndefined();
});

test('it has a deadline, but in mode observe, where it waits for the mode to change', () => {
  expect(stageIn('enforce').deadlineMs).toBe(7 * 24 * 3_600_000);
  expect(stageIn('observe').deadlineMs).toBeNull();
});
