import type { Stage } from '../../../src/domain/message-event';
import type { DueWork } from '../../../src/ledger/ledger';
import { StaleChangeError } from '../../../src/ledger/ledger';
import type { PipelineContext } from '../../../src/pipeline/context';
import { classifyFailure } from '../../../src/pipeline/failure';
import type { StageHandler } from '../../../src/pipeline/stage';
import type { Random } from '../random';
import type { createMemoryLedger } from './memory-ledger';
import type { createWorld } from './world';

interface Stageplay {
  readonly handlers: Readonly<Record<Stage, StageHandler>>;
  readonly context: PipelineContext;
  readonly memory: ReturnType<typeof createMemoryLedger>;
  readonly world: ReturnType<typeof createWorld>;
  readonly random: Random;
}

/** The runner's part, after its rules, with its clock in the hands of the schedule. */
export function createPlayer({ handlers, context, memory, world, random }: Stageplay) {
  const limits = Object.fromEntries(Object.keys(handlers).map((stage) => [stage, 4]));
  const faults: string[] = [];
  let life = 0;
  let steps = 0;

  async function play(work: DueWork, born: number): Promise<void> {
    const handler = handlers[work.kind];
    const { due } = memory.ledger;
    const alive = (): boolean => life === born;
    steps += 1;
    try {
      if (handler.deadlineMs !== null && world.now() > work.since + handler.deadlineMs) {
        await handler.giveUp(work, {
          text: work.why ?? '',
          unreadable: false,
          overdue: true,
          damaged: false,
        });
        return;
      }
      const result = await handler.run(work, new AbortController().signal);
      if (!alive() || result.type === 'done') return;
      if (result.failed && work.attempts + 1 >= handler.tries) {
        await handler.giveUp(work, { text: result.why, unreadable: false, overdue: false, damaged: false });
        return;
      }
      const { delayMs, why, failed } = result;
      await due.postpone(work, { dueAt: world.now() + delayMs, why, failed });
    } catch (error) {
      if (!alive()) return;
      await afterError(work, handler, error);
    }
  }

  async function afterError(work: DueWork, handler: StageHandler, error: unknown): Promise<void> {
    const { due } = memory.ledger;
    try {
      if (error instanceof StaleChangeError) {
        await due.postpone(work, { dueAt: world.now() + 50, why: 'moved on', failed: false });
        return;
      }
      const { kind, why, unreadable } = classifyFailure(error);
      if (kind === 'damaged' || (kind === 'counted' && work.attempts + 1 >= handler.tries)) {
        await handler.giveUp(work, { text: why, unreadable, overdue: false, damaged: kind === 'damaged' });
        return;
      }
      // A fault of the program, and no fault of a service: the domain refused what a stage wanted.
      if (error instanceof Error && /IllegalTransition|TypeError|RangeError/.test(error.name))
        faults.push(String(error));
      await due.postpone(work, { dueAt: world.now() + 1_000, why, failed: kind === 'counted' });
    } catch (late) {
      if (!(late instanceof StaleChangeError)) faults.push(String(late));
    }
  }

  return {
    async claim(): Promise<void> {
      const wanted = random.chance(0.5) ? limits : { [random.pick(Object.keys(limits))]: 1 };
      const claimed = await context.ledger.due.claim({
        limits: wanted,
        now: world.now(),
        leaseMs: 86_400_000,
      });
      for (const work of claimed) void play(work, life);
      await quiet();
    },
    /** Nothing of what ran goes on: its calls are never answered. */
    crash(): void {
      life += 1;
    },
    steps: () => steps,
    faults: () => faults,
  };
}

/** Until every promise that can go on has gone on. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
