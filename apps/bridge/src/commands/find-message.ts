import type { LedgerReader } from '../ledger/ledger-reader';
import type { MessageSummary } from '../ledger/ledger';
import { CommandError } from './command-context';

const page = 200;
const shortestPrefix = 4;

/**
 * The message that a person means: by its id, the beginning of its id, or the gateway's message id.
 * @throws CommandError where there is none, or more than one
 */
export async function findMessage(
  messages: LedgerReader['messages'],
  wanted: string,
): Promise<MessageSummary> {
  const exact = await messages.summary(wanted);
  if (exact !== undefined) return exact;
  const copies = await messages.findByGatewayId(wanted);
  const ids =
    copies.length > 0 ? copies.map(({ id }) => id) : await findByPrefix(messages, wanted.toLowerCase());
  const [first, ...others] = ids;
  const found = first === undefined || others.length > 0 ? undefined : await messages.summary(first);
  if (found !== undefined) return found;
  if (first === undefined)
    throw new CommandError(`No message has the id ${wanted}. "mft-bridge message ls" lists them.`);
  throw new CommandError(
    `${String(ids.length)} messages fit ${wanted}; expected one of:\n${ids.map((id) => `  ${id}`).join('\n')}`,
  );
}

/** Walks the list: people ask rarely, and mostly for something new, so that an index is not worth its writes. */
async function findByPrefix(messages: LedgerReader['messages'], prefix: string): Promise<string[]> {
  if (prefix.length < shortestPrefix) {
    throw new CommandError(
      `${prefix} is too short for the beginning of an id; expected at least ${String(shortestPrefix)} characters.`,
    );
  }
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const { items, next } = await messages.list({ limit: page, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...items.map(({ message }) => message.id).filter((id) => id.startsWith(prefix)));
    cursor = next;
  } while (cursor !== undefined);
  return ids;
}
