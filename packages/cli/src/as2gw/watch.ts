import type { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import {
  isApiError,
  isConnectionError,
  isNotFoundError,
  isTimeoutError,
} from '@mft-bridge/as2-gateway-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import { parseCount } from '../options/parse-count';
import { parseDuration } from '../options/parse-duration';
import type { Run } from '../run-command';
import { runCommand, sentenceOf } from '../run-command';
import { humanInstant } from '../terminal/human';
import { createProgressView } from '../terminal/progress-view';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { As2gwOptions } from './connection';
import { addAs2gwOptions, withGateway } from './connection';
import type { MessageFacts } from './message-facts';
import { factsOf } from './message-facts';

interface WatchOptions extends As2gwOptions {
  readonly station?: string | undefined;
  readonly partner?: string | undefined;
  readonly interval: number;
  readonly count?: number | undefined;
  readonly fromStart?: true | undefined;
}

const PAGE_LENGTH = 100;
/** What came between two looks and is beyond these pages is shown by a later look or not at all: 2,000 messages. */
const MOST_PAGES = 20;

/** Adds `as2gw watch`. */
export function registerWatch(program: Command, context: CliContext): void {
  addAs2gwOptions(
    program
      .command('watch')
      .description('show each message as it comes in, until Ctrl-C; nothing is marked read')
      .option('--station <id>', 'only for this station of ours')
      .option('--partner <id>', 'only from this partner')
      .option('--interval <span>', 'between two looks', parseDuration, 10_000)
      .option('--count <count>', 'end after so many messages', parseCount(1_000_000))
      .option('--from-start', 'begin with the messages that are unread already'),
  ).action((options: WatchOptions) =>
    runCommand(context, (run) => withGateway(run, options, (gateway) => watch(run, gateway, options))),
  );
}

async function watch(run: Run, gateway: As2GatewayClient, options: WatchOptions): Promise<ExitStatus> {
  const { stdout, signal } = run;
  const json = options.json === true;
  const view = createProgressView(run, json);
  const seen = new Set<string>();
  let shown = 0;
  try {
    const row = view.row('inbox');
    row.waiting('watching');
    // Read ones too: somebody else may mark a message read between two looks. What comes in while this list is made is in the next.
    const before = await newest(run, gateway, options, seen, false);
    const backlog = options.fromStart === true ? await newest(run, gateway, options, seen, true) : [];
    for (const id of before) if (!backlog.includes(id)) seen.add(id);
    for (let first = options.fromStart === true; ; first = false) {
      if (!first) await run.sleep(options.interval, signal);
      try {
        const listed = new Set([...(await newest(run, gateway, options, seen, false)), ...backlog]);
        for (const id of [...listed].reverse()) {
          const facts = seen.has(id) ? undefined : await factsUnlessGone(run, gateway, id);
          if (facts === undefined) continue;
          seen.add(id);
          shown += 1;
          view.above(() => {
            if (json) writeJson(stdout, facts);
            else stdout.write(`${lineOf(facts)}\n`);
          });
          if (shown === options.count) return exitStatus.done;
        }
      } catch (error) {
        // An outage is nothing to end a watch for; what was not shown is found by the next look.
        if (signal.aborted || !mayPass(error)) throw error;
        view.above(() => run.stderr.write(`${terminalText(run.secrets.removeFrom(sentenceOf(error)))}\n`));
      }
    }
  } catch (error) {
    // Ctrl-C is how a watch ends.
    if (signal.aborted) return exitStatus.done;
    throw error;
  } finally {
    view.close();
  }
}

/** Somebody may delete a message between the list and here: that must not keep the others from being shown. */
async function factsUnlessGone(
  { signal }: Run,
  { inbox }: As2GatewayClient,
  id: string,
): Promise<MessageFacts | undefined> {
  try {
    return factsOf(await inbox.get(id, { signal }));
  } catch (error) {
    if (isNotFoundError(error)) return undefined;
    throw error;
  }
}

/** Ids not seen so far, newest first. Pages are walked until one holds an id that is known, or the list ends. */
async function newest(
  run: Run,
  gateway: As2GatewayClient,
  { station, partner }: WatchOptions,
  seen: ReadonlySet<string>,
  unreadOnly: boolean,
): Promise<string[]> {
  const found = new Set<string>();
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { ids, received } = await gateway.inbox.list(
      { station, partner, unreadOnly, sort: 'desc', page, pageLength: PAGE_LENGTH },
      { signal: run.signal },
    );
    const before = found.size;
    for (const id of ids) if (!seen.has(id)) found.add(id);
    const allNew = found.size - before === ids.length;
    if (received < PAGE_LENGTH || !allNew) break;
  }
  return [...found];
}

function lineOf({ timestamp, partner, station, subject, attachmentNames, id }: MessageFacts): string {
  const files = attachmentNames.length === 0 ? '' : `  [${attachmentNames.join(', ')}]`;
  return terminalText(
    `${humanInstant(timestamp)}  ${partner ?? '-'} -> ${station ?? '-'}  ${subject ?? '(no subject)'}${files}  ${id}`,
  );
}

const mayPass = (error: unknown): boolean =>
  isConnectionError(error) ||
  isTimeoutError(error) ||
  (isApiError(error) && (error.status >= 500 || error.status === 429));
