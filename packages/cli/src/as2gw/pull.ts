import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { As2GatewayClient, AttachmentRef, OpenedFile } from '@mft-bridge/as2-gateway-client';
import type { CallOptions } from '@mft-bridge/http-transport';
import type { ExitStatus } from '../exit-status';
import { exitStatus, gravest } from '../exit-status';
import { counted } from '../files/counted';
import { messageDirectory } from '../files/message-directory';
import { safeFileName } from '@mft-bridge/http-transport';
import { sameContent } from '../files/same-content';
import { alreadyThere, isTaken, saveFile } from '../files/save-file';
import type { Run } from '../run-command';
import { CommandError, sentenceOf } from '../run-command';
import { humanBytes } from '../terminal/human';
import type { ProgressView } from '../terminal/progress-view';
import { createProgressView } from '../terminal/progress-view';
import { terminalText } from '../terminal/terminal-text';
import { writeJson } from '../write-json';
import type { As2gwOptions } from './connection';

export interface PullOptions extends As2gwOptions {
  readonly to: string;
  readonly markRead?: true | undefined;
  readonly flat?: true | undefined;
  readonly force?: true | undefined;
  readonly station?: string | undefined;
  readonly partner?: string | undefined;
  readonly limit?: number | undefined;
}

/** A message whose files are to be stored. */
interface Pulled {
  readonly id: string;
  readonly partner: string | undefined;
  readonly subject: string | undefined;
  readonly attachments: readonly (AttachmentRef & { open(options?: CallOptions): Promise<OpenedFile> })[];
  markRead(): Promise<unknown>;
}

interface StoredFile {
  /** As the partner chose it. */
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

/** Stores the files of messages. What goes wrong with one message is its result: the others go on. */
export async function pull(
  run: Run,
  gateway: As2GatewayClient,
  ids: readonly string[],
  options: PullOptions,
): Promise<ExitStatus> {
  const json = options.json === true;
  const view = createProgressView(run, json);
  const statuses: ExitStatus[] = [];
  const say = (id: string, more: Readonly<Record<string, unknown>>, lines: readonly string[]): void =>
    view.above(() => {
      if (json) writeJson(run.stdout, { id, ...more });
      else run.stdout.write(lines.map((line) => `${line}\n`).join(''));
    });
  const failed = (id: string, error: unknown): void => {
    if (run.signal.aborted) throw error;
    const sentence = run.secrets.removeFrom(sentenceOf(error));
    statuses.push(exitStatus.failed);
    say(id, { pulled: false, error: sentence }, [`${terminalText(id)}: ${terminalText(sentence)}`]);
  };
  try {
    for await (const message of messages(run, gateway, ids, options, failed)) {
      try {
        const files = await store(run, message, options, view);
        if (options.markRead === true) await message.markRead();
        statuses.push(exitStatus.done);
        const { id, partner, subject } = message;
        say(id, { pulled: true, partner, subject, read: options.markRead === true, files }, [
          `${terminalText(id)}  ${terminalText([partner, subject].filter((part) => part !== undefined).join(': '))}`,
          ...files.map(({ path, size }) => `  ${terminalText(path)}  (${humanBytes(size)})`),
        ]);
      } catch (error) {
        failed(message.id, error);
      }
      if (statuses.length >= (options.limit ?? Infinity)) break;
    }
  } finally {
    view.close();
  }
  if (statuses.length === 0 && !json) run.stdout.write('No unread messages.\n');
  return gravest(statuses);
}

async function* messages(
  run: Run,
  { inbox }: As2GatewayClient,
  ids: readonly string[],
  { station, partner }: PullOptions,
  failed: (id: string, error: unknown) => void,
): AsyncGenerator<Pulled> {
  const { signal } = run;
  if (ids.length === 0) {
    const unread = inbox.drain({ station, partner, signal, onUnreadable: failed });
    for await (const message of unread)
      yield { ...message, subject: message.subject, markRead: () => message.acknowledge() };
    return;
  }
  for (const id of ids) {
    try {
      const message = await inbox.get(id, { signal });
      const { total, attachments } = await inbox.attachments(id, { signal });
      if (total !== attachments.length)
        throw new CommandError(
          `The message has ${String(total)} files, but ${String(attachments.length)} are listed. Nothing of it was stored; try again later.`,
        );
      yield {
        id,
        partner: message.partner,
        subject: message.subject,
        attachments: attachments.map((link) => ({
          ...link,
          open: (options) => inbox.openAttachment(link, options),
        })),
        markRead: () => inbox.markRead(id),
      };
    } catch (error) {
      failed(id, error);
    }
  }
}

/** All files of a message, or none: what was stored before something went wrong is taken away again. */
async function store(
  run: Run,
  { id, attachments }: Pulled,
  options: PullOptions,
  view: ProgressView,
): Promise<StoredFile[]> {
  const directory = options.flat === true ? options.to : join(options.to, messageDirectory(id));
  const force = options.force === true;
  const places = uniquePaths(directory, attachments);
  const read = async <Result>(
    attachment: Pulled['attachments'][number],
    use: (content: AsyncIterable<Uint8Array>) => Promise<Result>,
  ): Promise<Result> => {
    const row = view.row(attachment.name);
    try {
      // A large file takes as long as it takes: only silence ends it.
      const { body, size } = await attachment.open({ signal: run.signal, clocks: { totalMs: 0 } });
      return await use(counted(body, (done) => row.moved(done, size)));
    } finally {
      row.end();
    }
  };
  // What is there already is looked at first, so that nothing is stored of a message that cannot be stored whole. The very same bytes
  // are no hindrance: an earlier run stored them and could not mark the message, or was told not to.
  const sizes = new Map<string, number>();
  for (const { attachment, path } of force ? [] : places) {
    if (!(await isTaken(path))) continue;
    const size = await read(attachment, (content) => sameContent(path, content));
    if (size === undefined) throw alreadyThere(path);
    sizes.set(path, size);
  }
  const fresh: string[] = [];
  try {
    for (const { attachment, path } of places) {
      if (sizes.has(path)) continue;
      sizes.set(path, await read(attachment, (content) => saveFile(path, content, { force })));
      fresh.push(path);
    }
  } catch (error) {
    // With --force there may have been something before, and the next run replaces it anyway.
    if (!force) for (const path of fresh) await rm(path, { force: true });
    throw error;
  }
  return places.map(({ attachment, path }) => ({ name: attachment.name, path, size: sizes.get(path) ?? 0 }));
}

/** Two names of one message may become one, or differ in case alone, which is one file on many disks. */
function uniquePaths<Attachment extends AttachmentRef>(
  directory: string,
  attachments: readonly Attachment[],
) {
  const taken = new Set<string>();
  return attachments.map((attachment) => {
    const name = safeFileName(attachment.name);
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number += 1) {
      const dot = name.lastIndexOf('.');
      const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
      free = `${stem} (${String(number)})${extension}`;
    }
    taken.add(free.toLowerCase());
    return { attachment, path: join(directory, free) };
  });
}
