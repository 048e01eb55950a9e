import type { As2GatewayClient, GatewayMessage } from '@mft-bridge/as2-gateway-client';
import { isNotFoundError } from '@mft-bridge/as2-gateway-client';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import type { Run } from '../run-command';
import { writeTable } from '../terminal/table';
import { writeJson } from '../write-json';
import type { As2gwOptions } from './connection';
import { factsOf, messageHeader, messageRow } from './message-facts';

/** What both boxes are listed by. */
export interface ListOptions extends As2gwOptions {
  readonly station?: string | undefined;
  readonly partner?: string | undefined;
  readonly subject?: string | undefined;
  readonly limit: number;
  readonly idsOnly?: true | undefined;
}

/** What a list needs of its box. */
export interface ListedBox {
  readonly ids: (gateway: As2GatewayClient) => AsyncIterable<string>;
  readonly get: (gateway: As2GatewayClient, id: string) => Promise<GatewayMessage>;
  readonly empty: string;
}

/** Lists a box: the service gives ids only, so each message is read for its row, unless only ids are wanted. */
export async function listMessages(
  run: Run,
  gateway: As2GatewayClient,
  box: ListedBox,
  { limit, idsOnly, json }: ListOptions,
): Promise<ExitStatus> {
  const rows: string[][] = [];
  let count = 0;
  let more = false;
  for await (const id of box.ids(gateway)) {
    if (count === limit) {
      more = true;
      break;
    }
    count += 1;
    const message = idsOnly === true ? undefined : await readOrIdOnly(box, gateway, id);
    if (json === true) writeJson(run.stdout, message === undefined ? { id } : factsOf(message));
    else rows.push(message === undefined ? [id] : messageRow(factsOf(message)));
  }
  if (json !== true) writeTable(run.stdout, idsOnly === true ? ['ID'] : messageHeader, rows, box.empty);
  if (more) run.stderr.write('There are more; --limit shows more of them.\n');
  return exitStatus.done;
}

/** A message may be listed and not (yet) shown; then its id is all that is known. */
async function readOrIdOnly(box: ListedBox, gateway: As2GatewayClient, id: string): Promise<GatewayMessage> {
  try {
    return await box.get(gateway, id);
  } catch (error) {
    if (!isNotFoundError(error)) throw error;
    return { id, attachmentNames: [], raw: {} };
  }
}

/** One kind of filter at a time: the service silently ignores a subject beside station or partner. */
export function filterOf({ station, partner, subject }: ListOptions) {
  if (station === undefined && partner === undefined && subject !== undefined) return { subject };
  return { ...(station === undefined ? {} : { station }), ...(partner === undefined ? {} : { partner }) };
}
