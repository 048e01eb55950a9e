import type { PipelineContext } from '../context';

/** Said where custody has no room: unlike the rest, which counts for all bridges alike, it may be so at one of them only. */
export const diskFull =
  'disk full: the custody directory is at its reserve (custody.minFreeBytes); free some space and intake goes on by itself';

/** Whether more may be taken: what is in work is bounded, by number and by bytes. */
export interface IntakePressure {
  /** Why nothing may be taken now, looked up anew; null where it may. */
  look(): Promise<string | null>;
  /** The same for one message more within a round, out of what was counted so far where that is enough. */
  lookAgain(): Promise<string | null>;
  /** One message was taken into custody. */
  took(bytes: number): void;
}

/**
 * Compares what is in work with `intake.highWater`. The marks say when to stop, not what fits: below them the next
 * message is taken whatever its size, so one that is larger than the mark is taken as soon as the rest is done, and
 * what is in work exceeds a mark by no more than the messages that are fetched at a time.
 */
export function createIntakePressure({
  ledger,
  custody,
  settings,
}: Pick<PipelineContext, 'ledger' | 'custody' | 'settings'>): IntakePressure {
  const { highWaterMessages, highWaterBytes } = settings;
  const inWork = { messages: 0, bytes: 0 };

  async function count(): Promise<string | null> {
    const counts = await ledger.messages.countByState();
    inWork.messages = (counts['scanning'] ?? 0) + (counts['deciding'] ?? 0) + (counts['delivering'] ?? 0);
    inWork.bytes = await ledger.messages.bytesInWork();
    return aboveMark();
  }

  function aboveMark(): string | null {
    if (inWork.messages >= highWaterMessages) {
      return `${String(inWork.messages)} messages are in work (intake.highWater.messages is ${String(highWaterMessages)}); intake goes on by itself when fewer are`;
    }
    if (inWork.bytes >= highWaterBytes) {
      return `messages of ${String(inWork.bytes)} bytes are in work (intake.highWater.bytes is ${String(highWaterBytes)}); intake goes on by itself when they are fewer`;
    }
    return null;
  }

  const withoutRoom = async (): Promise<string | null> => ((await custody.room()) > 0 ? null : diskFull);

  return {
    look: async () => (await withoutRoom()) ?? (await count()),
    // Counting costs a query over all that is in work: only where the sum of what was taken since says that it is needed.
    lookAgain: async () => (aboveMark() === null ? null : count()),
    took(bytes) {
      inWork.messages += 1;
      inWork.bytes += bytes;
    },
  };
}
