import type { MessageSummary } from '../../src/ledger/ledger';
import type { LedgerReader } from '../../src/ledger/ledger-reader';

/** Every message of a ledger, of any number. */
export async function allMessages(reader: LedgerReader): Promise<readonly MessageSummary[]> {
  const all: MessageSummary[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await reader.messages.list({ limit: 200, ...(cursor === undefined ? {} : { cursor }) });
    all.push(...page.items);
    if (page.next === undefined) return all;
    cursor = page.next;
  }
}
