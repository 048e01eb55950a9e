import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** Where a ClamAV daemon listens. */
export type ClamdAddress = { readonly host: string; readonly port: number } | { readonly socket: string };

/** What clamd says about a stream. */
export type ClamdFinding =
  | { readonly kind: 'clean' }
  | { readonly kind: 'found'; readonly signature: string }
  /** It did not look, or not at all of it; `text` are its words. */
  | { readonly kind: 'error'; readonly text: string };

/** A ClamAV daemon. Every call has a connection of its own. */
export interface Clamd {
  /** @throws Error if nobody answers there as clamd does. */
  ping(): Promise<void>;
  /** Its version and that of its signatures, as `ClamAV 1.4.3/27500/...`. */
  version(): Promise<string>;
  /**
   * Has a stream scanned while it is read; nothing of it is kept here.
   *
   * @throws Error where there is no daemon, or none that answers; the stream's own error.
   */
  scan(source: Readable): Promise<ClamdFinding>;
}

const REPLY_BYTES = 64 * 1024;
// clamd's own patience with a silent client is 120 s; a scan of something large may take longer than that.
const SILENCE_MS = 300_000;
const PING_MS = 2000;

/** Where the packages of Debian, Fedora and ClamAV itself put it. */
const USUAL_PLACES: readonly ClamdAddress[] = [
  { socket: '/run/clamav/clamd.ctl' },
  { socket: '/run/clamd.scan/clamd.sock' },
  { socket: '/tmp/clamd.socket' },
  { host: '127.0.0.1', port: 3310 },
];

/**
 * Speaks clamd's protocol (clamd(8)): commands that begin with `z` and end with a zero byte, answers likewise.
 *
 * @example
 * const finding = await createClamd({ host: '127.0.0.1', port: 3310 }).scan(createReadStream('a.zip'));
 */
export function createClamd(address: ClamdAddress): Clamd {
  return {
    async ping() {
      const reply = await converse(address, 'PING', PING_MS);
      if (reply !== 'PONG') throw new Error(`Who answers at ${shown(address)} is not clamd.`);
    },
    version: () => converse(address, 'VERSION', PING_MS),
    async scan(source) {
      return finding(await converse(address, 'INSTREAM', SILENCE_MS, source));
    },
  };
}

/**
 * Looks for a clamd that answers.
 *
 * @param places - Default: where the usual packages put it.
 * @returns Its address, or undefined.
 * @example
 * const clamd = await findClamd();
 * const scanner = await startMetaDefenderSandbox(clamd === undefined ? {} : { engine: 'clamd', clamd });
 */
export async function findClamd(
  places: readonly ClamdAddress[] = USUAL_PLACES,
): Promise<ClamdAddress | undefined> {
  for (const place of places) {
    try {
      await createClamd(place).ping();
      return place;
    } catch {
      // Not there; the next one may be.
    }
  }
  return undefined;
}

function finding(reply: string): ClamdFinding {
  const text = reply.replace(/^stream: /, '');
  if (text === 'OK') return { kind: 'clean' };
  const signature = /^(.+) FOUND$/.exec(text)?.[1];
  return signature === undefined ? { kind: 'error', text } : { kind: 'found', signature };
}

/** One command and its answer; the stream, if there is one, is sent in between. */
async function converse(
  address: ClamdAddress,
  command: string,
  silenceMs: number,
  source?: Readable,
): Promise<string> {
  const socket = connect('socket' in address ? { path: address.socket } : address);
  const over = new AbortController();
  socket.once('close', () => over.abort());
  socket.setTimeout(silenceMs, () => {
    socket.destroy(new Error(`clamd at ${shown(address)} was silent for ${silenceMs} ms.`));
  });
  const reply = readReply(socket, address);
  // It may fail before anybody waits for it.
  reply.catch(() => undefined);
  try {
    socket.write(`z${command}\0`);
    if (source !== undefined) {
      const sent = send(socket, source, over.signal);
      sent.catch(() => undefined);
      // An answer before the end says that the rest is not wanted: the stream is longer than StreamMaxLength.
      await Promise.race([sent, reply]);
    }
    return await reply;
  } finally {
    source?.destroy();
    socket.destroy();
  }
}

/** Each piece behind its length in four bytes, big-endian; a length of zero ends the stream. */
async function send(socket: Socket, source: Readable, over: AbortSignal): Promise<void> {
  for await (const piece of source as AsyncIterable<Buffer>) {
    if (piece.length === 0) continue;
    const length = Buffer.alloc(4);
    length.writeUInt32BE(piece.length);
    socket.cork();
    socket.write(length);
    const room = socket.write(piece);
    socket.uncork();
    if (!room) await once(socket, 'drain', { signal: over });
  }
  socket.write(Buffer.alloc(4));
}

function readReply(socket: Socket, address: ClamdAddress): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (piece: Buffer) => {
      text += piece.toString('utf8');
      const end = text.indexOf('\0');
      if (end >= 0) resolve(text.slice(0, end).trim());
      else if (text.length > REPLY_BYTES) reject(new Error(`Who answers at ${shown(address)} is not clamd.`));
    });
    socket.once('error', (cause) => {
      reject(new Error(`clamd at ${shown(address)} cannot be reached, or cut the connection.`, { cause }));
    });
    socket.once('close', () => {
      reject(
        new Error(
          `clamd at ${shown(address)} closed the connection without an answer; was it too large for it?`,
        ),
      );
    });
  });
}

function shown(address: ClamdAddress): string {
  return 'socket' in address ? address.socket : `${address.host}:${address.port}`;
}
