import type { As2GatewayClient, OutboxBox } from '@mft-bridge/as2-gateway-client';
import { isNotFoundError } from '@mft-bridge/as2-gateway-client';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import { saveFile } from '../files/save-file';
import type { Run } from '../run-command';
import { CommandError, runCommand } from '../run-command';
import { terminalLines, terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { As2gwOptions } from './connection';
import { addAs2gwOptions, withGateway } from './connection';
import { deliveryReport, deliveryStatus, writeDelivery } from './delivery-report';
import { addListOptions, refuseTwoFilters } from './inbox';
import type { ListOptions } from './list-messages';
import { filterOf, listMessages } from './list-messages';

const EMPTY: Readonly<Record<OutboxBox, string>> = {
  sent: 'No sent messages.',
  queued: 'Nothing waits to be sent.',
  failed: 'No failed messages.',
  incomplete: 'No message is without its acknowledgement.',
};

interface MdnOptions extends As2gwOptions {
  readonly box?: 'inbox' | 'outbox' | undefined;
  readonly to?: string | undefined;
  readonly force?: true | undefined;
}

/** Adds `as2gw outbox ls`, `status` and `mdn`. */
export function registerOutbox(program: Command, context: CliContext): void {
  const outbox = program.command('outbox').description('messages that we sent');
  addListOptions(
    outbox
      .command('ls')
      .description('list messages, newest first')
      .addOption(
        new Option('--box <box>', 'which of them')
          .choices(['sent', 'queued', 'failed', 'incomplete'])
          .default('sent'),
      ),
  ).action((options: ListOptions & { readonly box: OutboxBox }) =>
    runCommand(context, (run) => {
      refuseTwoFilters(options);
      const query = { ...filterOf(options), box: options.box, sort: 'desc' as const };
      const call = { signal: run.signal };
      return withGateway(run, options, (gateway) =>
        listMessages(
          run,
          gateway,
          {
            ids: (client) => client.outbox.listAll(query, call),
            get: (client, id) => client.outbox.get(id, call),
            empty: EMPTY[options.box],
          },
          options,
        ),
      );
    }),
  );
  addAs2gwOptions(
    program
      .command('status')
      .description(
        'show where a message that we sent stands: 0 taken by the partner, 2 failed or refused, 3 not known yet',
      )
      .argument('<id>', 'message id, with its angle brackets'),
  ).action((id: string, options: As2gwOptions) =>
    runCommand(context, (run) =>
      withGateway(run, options, async (gateway) => {
        const report = deliveryReport(id, await gateway.outbox.delivery(id, { signal: run.signal }));
        writeDelivery(run, report, options.json === true);
        return deliveryStatus(report);
      }),
    ),
  );
  addAs2gwOptions(
    program
      .command('mdn')
      .description('show the receipt of a message')
      .argument('<id>', 'message id, with its angle brackets')
      .addOption(
        new Option('--box <box>', 'where the message stands; default: wherever it is found').choices([
          'inbox',
          'outbox',
        ]),
      )
      .option('--to <file>', 'store the receipt as it went over the wire')
      .option('--force', 'replace a file that exists'),
  ).action((id: string, options: MdnOptions) =>
    runCommand(context, (run) => withGateway(run, options, (gateway) => showMdn(run, gateway, id, options))),
  );
}

async function showMdn(
  run: Run,
  gateway: As2GatewayClient,
  id: string,
  { box, to, force, json }: MdnOptions,
): Promise<ExitStatus> {
  const mdn = await findMdn(run, gateway, id, box);
  if (to !== undefined) await saveFile(to, [mdn.raw], { force: force === true });
  const { disposition, humanMessage, originalMessageId, receivedContentMic, signed } = mdn;
  if (json === true) {
    writeJson(run.stdout, {
      id,
      disposition: disposition?.text ?? null,
      outcome: disposition?.outcome ?? null,
      originalMessageId: originalMessageId ?? null,
      receivedContentMic: receivedContentMic ?? null,
      signed,
      humanMessage: humanMessage ?? null,
      ...(to === undefined ? {} : { file: to }),
    });
    return exitStatus.done;
  }
  run.stdout.write(
    `${terminalText(disposition?.text ?? 'no disposition')}${signed ? '  (signed; the signature was not checked here)' : ''}\n`,
  );
  if (humanMessage !== undefined) run.stdout.write(`\n${terminalLines(humanMessage.trimEnd())}\n`);
  if (to !== undefined) run.stdout.write(`\nStored as ${terminalText(to)}.\n`);
  return exitStatus.done;
}

async function findMdn(run: Run, { inbox, outbox }: As2GatewayClient, id: string, box: MdnOptions['box']) {
  const places = box === undefined ? [outbox, inbox] : [box === 'inbox' ? inbox : outbox];
  for (const place of places) {
    try {
      return await place.mdn(id, { signal: run.signal });
    } catch (error) {
      if (!isNotFoundError(error)) throw error;
    }
  }
  throw new CommandError(`There is no receipt for ${id} (yet).`);
}
