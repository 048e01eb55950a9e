import type { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import { isNotFoundError } from '@mft-bridge/as2-gateway-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import { parseCount } from '../options/parse-count';
import type { Run } from '../run-command';
import { CommandError, runCommand } from '../run-command';
import { humanInstant } from '../terminal/human';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { As2gwOptions } from './connection';
import { addAs2gwOptions, withGateway } from './connection';
import type { ListOptions } from './list-messages';
import { filterOf, listMessages } from './list-messages';
import { factsOf } from './message-facts';
import type { PullOptions } from './pull';
import { pull } from './pull';

/** Adds `as2gw inbox ls`, `inbox get` and `inbox pull`. */
export function registerInbox(program: Command, context: CliContext): void {
  const inbox = program.command('inbox').description('messages that partners sent to us');
  addListOptions(
    inbox
      .command('ls')
      .description('list unread messages, oldest first; nothing is marked read')
      .option('--all', 'read ones too'),
  ).action((options: ListOptions & { readonly all?: true }) =>
    runCommand(context, (run) => {
      refuseTwoFilters(options);
      const query = { ...filterOf(options), unreadOnly: options.all !== true };
      const call = { signal: run.signal };
      return withGateway(run, options, (gateway) =>
        listMessages(
          run,
          gateway,
          {
            ids: ({ inbox: { listAll } }) => listAll(query, call),
            get: (client, id) => client.inbox.get(id, call),
            empty: options.all === true ? 'No messages.' : 'No unread messages.',
          },
          options,
        ),
      );
    }),
  );
  addAs2gwOptions(
    inbox
      .command('get')
      .description('show one message; it is not marked read')
      .argument('<id>', 'message id, with its angle brackets')
      .option('--mark-read', 'mark it read'),
  ).action((id: string, options: As2gwOptions & { readonly markRead?: true }) =>
    runCommand(context, (run) => withGateway(run, options, (gateway) => show(run, gateway, id, options))),
  );
  addAs2gwOptions(
    inbox
      .command('pull')
      .description('fetch the attachments of all unread messages, oldest first, or of those that are named')
      .argument('[ids...]', 'message ids')
      .option('--to <dir>', 'directory', '.')
      .option('--mark-read', 'mark each message read once all its files are stored and synced')
      .option('--flat', 'all files into one directory, not one for each message')
      .option('--force', 'replace files that exist')
      .option('--station <id>', 'only for this station of ours')
      .option('--partner <id>', 'only from this partner')
      .option('-n, --limit <count>', 'at most so many messages', parseCount(1_000_000)),
  )
    .addHelpText(
      'after',
      `
Names of files are chosen by the partner: they are made safe (no path, no control characters), and nothing that exists is
replaced without --force; a file that is there already with the very same bytes counts as stored. Files lie in <dir>/<message id>/.
Exit status: 0 all were stored, 1 one was not; that message stays unread.`,
    )
    .action((ids: string[], options: PullOptions) =>
      runCommand(context, (run) => withGateway(run, options, (gateway) => pull(run, gateway, ids, options))),
    );
}

/** Adds the options of a list. */
export function addListOptions(command: Command): Command {
  return addAs2gwOptions(
    command
      .option('--station <id>', 'only this station of ours')
      .option('--partner <id>', 'only this partner')
      .option('--subject <text>', 'only this subject; not beside the two above')
      .option('-n, --limit <count>', 'at most so many', parseCount(1_000_000), 20)
      .option('--ids-only', 'ids alone: one request for a hundred of them instead of one for each'),
  );
}

/** @throws CommandError */
export function refuseTwoFilters({ station, partner, subject }: ListOptions): void {
  if (subject !== undefined && (station ?? partner) !== undefined)
    throw new CommandError(
      '--subject cannot stand beside --station or --partner: the service would ignore it.',
    );
}

async function show(
  run: Run,
  gateway: As2GatewayClient,
  id: string,
  { json, markRead }: As2gwOptions & { readonly markRead?: true },
): Promise<ExitStatus> {
  const { signal } = run;
  const message = await gateway.inbox.get(id, { signal });
  const names = await gateway.inbox.attachments(id, { signal }).then(
    ({ attachments }) => attachments.map(({ name }) => name),
    (error: unknown) => {
      // Files go after some weeks; their names stay.
      if (isNotFoundError(error)) return message.attachmentNames;
      throw error;
    },
  );
  if (markRead === true) await gateway.inbox.markRead(id, { signal });
  const facts = { ...factsOf(message), attachmentNames: names, ...(markRead === true ? { read: true } : {}) };
  if (json === true) {
    writeJson(run.stdout, { ...facts, disposition: message.receipt?.disposition?.text ?? null });
    return exitStatus.done;
  }
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['id', id],
    ['from', message.partner],
    ['to', message.station],
    ['subject', message.subject],
    ['time', humanInstant(message.timestamp)],
    [
      'state',
      [message.status, facts.read === undefined ? undefined : facts.read ? 'read' : 'unread']
        .filter(Boolean)
        .join(', '),
    ],
    ['receipt', message.receipt?.disposition?.text ?? message.receiptStatus],
    ...names.map((name) => ['file', name] as const),
  ];
  for (const [name, value] of lines)
    if (value !== undefined && value !== '') run.stdout.write(`${name.padEnd(8)}  ${terminalText(value)}\n`);
  return exitStatus.done;
}
