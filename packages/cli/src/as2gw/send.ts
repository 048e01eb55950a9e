import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { As2GatewayClient, OutgoingAttachment, SentMessage } from '@mft-bridge/as2-gateway-client';
import { isMftBridgeError, uniqueNames } from '@mft-bridge/as2-gateway-client';
import type { Command } from 'commander';
import type { CliContext } from '../context';
import type { ExitStatus } from '../exit-status';
import { exitStatus } from '../exit-status';
import { parseDuration } from '../options/parse-duration';
import type { Run } from '../run-command';
import { CommandError, runCommand, sentenceOf } from '../run-command';
import type { ProgressRow } from '../terminal/progress-view';
import { createProgressView } from '../terminal/progress-view';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { As2gwOptions } from './connection';
import { addAs2gwOptions, withGateway } from './connection';
import { contentTypeOf } from './content-type';
import { deliveryReport, deliveryStatus, writeDelivery } from './delivery-report';

interface SendOptions extends As2gwOptions {
  readonly from: string;
  readonly to: string;
  readonly subject?: string | undefined;
  readonly type?: string | undefined;
  readonly wait?: true | undefined;
  readonly timeout: number;
}

/** Clocks differ: a message is looked for from this long before it was sent. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
const SEARCHES = 3;
const SEARCH_PAUSE_MS = 10_000;

/** Adds `as2gw send`. */
export function registerSend(program: Command, context: CliContext): void {
  addAs2gwOptions(
    program
      .command('send')
      .description('send files as one message')
      .argument('<files...>', 'files to send')
      .requiredOption('--from <station>', 'AS2 identifier of our station')
      .requiredOption('--to <partner>', 'AS2 identifier of the partner')
      .option('--subject <text>', "subject; default: the partner's")
      .option('--type <media type>', 'media type of the files; default: by extension')
      .option('--wait', "wait for the partner's receipt")
      .option('--timeout <span>', 'longest wait', parseDuration, 10 * 60_000),
  )
    .addHelpText(
      'after',
      `
It is sent once. Should the answer be lost, the message is looked for in the outbox; if it is not found there, do not send it
again before you have looked yourself. Exit status: 0 queued (with --wait: taken by the partner), 2 failed or refused by the
partner, 3 not known within the time, 1 anything else.`,
    )
    .action((files: string[], options: SendOptions) =>
      runCommand(context, (run) =>
        withGateway(run, options, (gateway) => send(run, gateway, files, options)),
      ),
    );
}

async function send(
  run: Run,
  gateway: As2GatewayClient,
  files: readonly string[],
  options: SendOptions,
): Promise<ExitStatus> {
  const json = options.json === true;
  const attachments = await Promise.all(files.map((file) => attachmentOf(file, options.type)));
  const total = attachments.reduce((sum, { size }) => sum + size, 0);
  const view = createProgressView(run, json);
  try {
    const row = view.row(`to ${options.to}`, total);
    const sent = await submit(run, gateway, attachments, options, row, total);
    if (sent === undefined) {
      view.close();
      if (json) writeJson(run.stdout, { sent: 'unknown' });
      run.stderr.write(
        'The answer was lost, and the message is in no box: it may or may not be on its way. Look at "as2gw outbox ls" before you send it again.\n',
      );
      return exitStatus.undecided;
    }
    if (options.wait !== true) {
      view.close();
      if (json) writeJson(run.stdout, { id: sent.id, sent: 'queued', attachmentNames: sent.attachmentNames });
      else run.stdout.write(`queued    ${terminalText(sent.id)}\n`);
      return exitStatus.done;
    }
    row.waiting('waiting for the receipt');
    const { signal } = run;
    const delivery = await gateway.outbox.waitForDelivery(sent.id, { timeoutMs: options.timeout, signal });
    view.close();
    const report = deliveryReport(sent.id, delivery);
    writeDelivery(run, report, json);
    return deliveryStatus(report);
  } finally {
    view.close();
  }
}

/** @returns undefined where nobody knows whether it was sent */
async function submit(
  run: Run,
  gateway: As2GatewayClient,
  attachments: readonly OutgoingAttachment[],
  { from, to, subject }: SendOptions,
  row: ProgressRow,
  total: number,
): Promise<SentMessage | undefined> {
  const since = run.now() - CLOCK_TOLERANCE_MS;
  const attachmentNames = uniqueNames(attachments.map(({ name }) => name));
  try {
    return await gateway.messages.send(
      { from, to, subject, attachments },
      {
        signal: run.signal,
        clocks: { totalMs: 0 },
        nonAsciiNames: 'multipart',
        onSent: (bytes) => row.moved(Math.min(bytes, total)),
      },
    );
  } catch (error) {
    if (run.signal.aborted || !isMftBridgeError(error) || error.outcome !== 'unknown') throw error;
    run.stderr.write(`${terminalText(run.secrets.removeFrom(sentenceOf(error)))}\n`);
    row.waiting('the answer was lost: looking for the message');
    const sha256 = await Promise.all(attachments.map(hashOf));
    for (let search = 0; search < SEARCHES; search += 1) {
      await run.sleep(SEARCH_PAUSE_MS, run.signal);
      const query = { from, to, subject, attachmentNames, sha256, since };
      const { found } = await gateway.outbox.findSubmission(query, { signal: run.signal });
      const [only, ...others] = found.filter(({ contentCompared }) => contentCompared);
      // Two of the same content may both be of an earlier hour: nothing tells which is ours.
      if (only !== undefined && others.length === 0) return { id: only.id, attachmentNames };
    }
    return undefined;
  }
}

async function attachmentOf(
  file: string,
  type: string | undefined,
): Promise<OutgoingAttachment & { size: number }> {
  const facts = await stat(file).catch(() => undefined);
  if (facts?.isFile() !== true) throw new CommandError(`${file} is no file that can be read.`);
  const name = basename(file);
  return {
    name,
    contentType: type ?? contentTypeOf(name),
    content: () => createReadStream(file),
    size: facts.size,
  };
}

async function hashOf({ content }: OutgoingAttachment): Promise<string> {
  const hash = createHash('sha256');
  if (typeof content !== 'function') return hash.update(content).digest('hex');
  for await (const piece of (await content()) as AsyncIterable<Buffer>) hash.update(piece);
  return hash.digest('hex');
}
