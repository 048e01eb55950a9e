import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { formatByteSize } from '../config/byte-size';
import { loadConfig } from '../config/load';
import type { MessageState } from '../domain/message';
import type { LedgerReader } from '../ledger/ledger-reader';
import { readMoveMark } from '../ledger/move/move-mark';
import { openLedgerReader } from '../ledger/open-ledger';
import { viewMessageDetail } from '../web/message-detail';
import { maxPage, messageStates } from '../web/message-query';
import type { MessageView } from '../web/message-view';
import { viewMessage } from '../web/message-view';
import type { CommandContext } from './command-context';
import { runCommand } from './command-context';
import { defaultConfigFile } from './config';
import { shortId } from './event-text';
import { findMessage } from './find-message';
import { registerMessageCommands } from './message-command';
import { messageLines } from './message-lines';
import { formatInstant, formatTable } from './table';

const maxListed = 10_000;

interface ListOptions {
  readonly config: string;
  readonly state?: MessageState;
  readonly limit: number;
  readonly json?: true;
  readonly notTaken?: true;
}

/**
 * Adds `mft-bridge message ls` and `message show`, which read the ledger beside a running bridge, or a stopped one, and
 * need none of its secrets but the URL of a ledger on PostgreSQL; and what asks the running bridge for something.
 */
export function registerMessage(program: Command, context: CommandContext): void {
  const message = program
    .command('message')
    .description('look at messages, and ask the bridge to do something with one');
  message
    .command('ls')
    .description('list messages, newest first')
    .option('-c, --config <file>', 'the configuration that names the ledger', defaultConfigFile)
    .addOption(new Option('-s, --state <state>', 'only messages in this state').choices(messageStates))
    .addOption(
      new Option('-n, --limit <count>', `at most so many (up to ${String(maxListed)})`)
        .default(50)
        .argParser(parseLimit),
    )
    .option('--not-taken', 'list what could not be taken into custody instead; it is unread at the gateway')
    .option('--json', 'one JSON object a line')
    .action((options: ListOptions) =>
      withLedger(options.config, context, (ledger) =>
        options.notTaken === true
          ? listFailures(ledger, options, context)
          : listMessages(ledger, options, context),
      ),
    );
  message
    .command('show')
    .description('show one message with its attachments, deliveries and timeline')
    .argument('<id>', 'its id, the beginning of its id, or the id that the gateway gives it')
    .option('-c, --config <file>', 'the configuration that names the ledger', defaultConfigFile)
    .option('--json', 'one JSON object on one line')
    .action((id: string, { config, json }: { config: string; json?: true }) =>
      withLedger(config, context, (ledger) => showMessage(ledger, id, json === true, context)),
    );
  registerMessageCommands(message, context);
}

async function withLedger(
  config: string,
  context: CommandContext,
  body: (ledger: LedgerReader) => Promise<void>,
): Promise<void> {
  await runCommand(context, async () => {
    const { ledger: where } = await loadConfig(config, context.env, { secrets: 'if-there' });
    const ledger = await openLedgerReader(where, context.now);
    try {
      const mark = where.postgres === null ? readMoveMark(where.file) : undefined;
      // It may be looked at: whoever wants to know how it stood then finds it here only.
      if (mark?.state === 'moved')
        context.stderr.write(
          `The ledger ${where.file} was moved to PostgreSQL at ${mark.to} on ${new Date(mark.at).toISOString()}: this is how it stood then. For what happened since, name that server in ledger.postgres.\n`,
        );
      await body(ledger);
    } finally {
      await ledger.close();
    }
  });
}

async function listMessages(
  ledger: LedgerReader,
  { state, limit, json }: ListOptions,
  { stdout, stderr }: CommandContext,
): Promise<void> {
  const views: MessageView[] = [];
  let cursor: string | undefined;
  do {
    const page = await ledger.messages.list({
      limit: Math.min(maxPage, limit - views.length),
      ...(state === undefined ? {} : { state }),
      ...(cursor === undefined ? {} : { cursor }),
    });
    views.push(...page.items.map(viewMessage));
    cursor = page.next;
  } while (cursor !== undefined && views.length < limit);

  if (json === true) {
    for (const view of views) stdout.write(`${JSON.stringify(view)}\n`);
    return;
  }
  if (views.length === 0)
    stdout.write(state === undefined ? 'No messages yet.\n' : `No message is ${state}.\n`);
  else stdout.write(`${formatTable(header, views.map(toRow), terminal(stdout)).join('\n')}\n`);
  if (cursor !== undefined) stderr.write(`There are more; --limit takes up to ${String(maxListed)}.\n`);
  const failures = state === undefined ? await ledger.intakeFailures.list() : [];
  if (failures.length > 0) {
    stderr.write(
      `${String(failures.length)} could not be taken and are unread at the gateway: "message ls --not-taken" shows them.\n`,
    );
  }
}

const header = ['ID', 'STATE', 'TAKEN', 'PARTNER', 'FILES', 'SIZE', 'SUBJECT', 'WHY'];

function toRow(view: MessageView): string[] {
  const bytes = view.attachments.reduce((sum, { size }) => sum + size, 0);
  return [
    shortId(view.id),
    view.state,
    formatInstant(view.takenAt),
    view.partner,
    String(view.attachments.length),
    formatByteSize(bytes),
    view.subject ?? '-',
    view.waiting?.why ??
      view.reasons[0]?.text ??
      (view.destinations.length === 0 ? '' : `-> ${view.destinations.join(', ')}`),
  ];
}

async function listFailures(
  ledger: LedgerReader,
  { json, limit }: ListOptions,
  { stdout }: CommandContext,
): Promise<void> {
  const failures = (await ledger.intakeFailures.list()).slice(0, limit);
  if (json === true) {
    for (const failure of failures) stdout.write(`${JSON.stringify(failure)}\n`);
    return;
  }
  const rows = failures.map(({ gatewayId, tries, firstAt, nextAt, reason }) => [
    gatewayId,
    String(tries),
    formatInstant(firstAt),
    formatInstant(nextAt),
    reason,
  ]);
  const lines = formatTable(['GATEWAY ID', 'TRIES', 'SINCE', 'NEXT TRY', 'WHY'], rows, terminal(stdout));
  stdout.write(rows.length === 0 ? 'Everything that was found could be taken.\n' : `${lines.join('\n')}\n`);
}

async function showMessage(
  ledger: LedgerReader,
  id: string,
  json: boolean,
  { stdout }: CommandContext,
): Promise<void> {
  const summary = await findMessage(ledger.messages, id);
  const detail = viewMessageDetail(summary, await ledger.messages.timeline(summary.message.id));
  stdout.write(
    json ? `${JSON.stringify(detail)}\n` : `${messageLines(detail, terminal(stdout).width).join('\n')}\n`,
  );
}

function terminal({ isTTY, columns }: CommandContext['stdout']): { width?: number } {
  return isTTY === true && columns !== undefined && columns > 0 ? { width: columns } : {};
}

function parseLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > maxListed)
    throw new InvalidArgumentError(`Expected a whole number between 1 and ${String(maxListed)}.`);
  return limit;
}
