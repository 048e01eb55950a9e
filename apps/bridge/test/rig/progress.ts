import type { Message } from '../../src/domain/message';
import { isSettled } from '../../src/domain/message';
import { openSqliteLedgerReader } from '../../src/ledger/sqlite-ledger-reader';

export interface Progress {
  readonly messages: readonly Message[];
  /** Rows of work, done by nobody yet. */
  readonly due: number;
}

/** What a ledger says at this moment, whether a bridge runs on it or not; nothing where it is not made yet. */
export async function readProgress(ledgerFile: string): Promise<Progress> {
  const reader = await openSqliteLedgerReader(ledgerFile).catch(() => undefined);
  if (reader === undefined) return { messages: [], due: 0 };
  try {
    const { items } = await reader.messages.list({ limit: 200 });
    // A delivery that is held as unknown is searched for a day long.
    const counts = Object.entries(await reader.due.count());
    const due = counts.reduce((sum, [kind, count]) => (kind === 'reconcile' ? sum : sum + count), 0);
    return { messages: items.map(({ message }) => message), due };
  } finally {
    await reader.close();
  }
}

/** Whether so many messages are in the ledger and nothing is left to do. */
export function isDone({ messages, due }: Progress, count: number): boolean {
  return (
    messages.length === count &&
    due === 0 &&
    messages.every((message) => isSettled(message) && message.acknowledged)
  );
}

/** In a few words, for a test that waited in vain. */
export function describeProgress({ messages, due }: Progress, lines: readonly string[] = []): unknown {
  return {
    due,
    messages: messages.map(({ gatewayId, acknowledged, obligations, deliveries }) => ({
      gatewayId,
      acknowledged,
      places: obligations.map(({ place, reasons }) => [place, ...reasons.map(({ code }) => code)].join(' ')),
      deliveries: deliveries.map(({ state }) => state),
    })),
    said: lines
      .slice(-12)
      .map((line) => line.replaceAll(/"(pid|messageId|attachmentId|deliveryId)":[^,]*,/g, '')),
  };
}
