import type { Response } from 'express';
import type { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import type { Fault } from './fault';
import type { SeededRandom } from './seeded-random';
import type { AnswerOut } from './shape-answer';

/** A fault that lets the handler do its work and then spoils what it answers. */
export type AnswerFault = Extract<
  Fault,
  {
    kind:
      'lost-answer' | 'stall' | 'trickle' | 'truncate' | 'wrong-length' | 'resize' | 'garbage' | 'flip-byte';
  }
>;

/** What came of an answer so far, and the way to the caller. */
interface Answer {
  readonly response: Response;
  readonly body: PassThrough;
  readonly out: AnswerOut;
  /** What `Content-Length` says; undefined for a chunked answer. */
  readonly length: number | undefined;
  readonly random: SeededRandom;
}

/** Stands between a handler and its caller, once the work is done and the answer begins. */
export async function spoilAnswer(
  fault: AnswerFault,
  { response, body, out, random }: Omit<Answer, 'length'>,
): Promise<void> {
  await begun(body);
  const header = Number(response.getHeader('Content-Length') ?? Number.NaN);
  const answer: Answer = { response, body, out, random, length: Number.isNaN(header) ? undefined : header };
  switch (fault.kind) {
    case 'lost-answer':
      endConnection(response, fault.how ?? 'reset');
      return;
    case 'stall':
      if (fault.where === 'body') await sendFirst(answer, fault.afterBytes);
      await out.gone;
      return;
    case 'truncate':
      await sendFirst(answer, fault.afterBytes);
      endConnection(response, fault.how ?? 'close');
      return;
    case 'trickle':
      return trickle(answer, fault.bytes, fault.everyMs);
    case 'wrong-length':
      return wrongLength(answer, fault.by);
    case 'resize':
      return resize(answer, fault.by);
    case 'garbage':
      if (fault.where === 'wire') response.socket?.end(random.bytes(512));
      else if (await sendAll(body, out, (part) => random.bytes(part.length))) out.end();
      return;
    case 'flip-byte':
      return flipByte(answer, fault.at);
  }
}

/** Ends a connection with (`close`) or without (`reset`) sending what was already written. */
export function endConnection(response: Response, how: 'close' | 'reset'): void {
  if (how === 'reset') response.socket?.resetAndDestroy();
  else response.socket?.destroySoon();
}

/** The handler wrote something, or came to its end without. */
function begun(body: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['readable', 'close']) body.once(event, resolve);
  });
}

async function sendAll(
  body: AsyncIterable<Buffer>,
  out: AnswerOut,
  change: (part: Buffer) => Buffer = (part) => part,
): Promise<boolean> {
  for await (const part of body) if (!(await out.write(change(part)))) return false;
  return true;
}

/** The head and so many bytes of the body; by default half of it, or one byte where nobody knows its length. */
async function sendFirst({ body, out, length }: Answer, afterBytes: number | undefined): Promise<void> {
  out.head();
  let left = afterBytes ?? Math.max(1, Math.floor((length ?? 0) / 2));
  for await (const part of body.iterator({ destroyOnReturn: false })) {
    const piece = (part as Buffer).subarray(0, left);
    left -= piece.length;
    if (!(await out.write(piece)) || left === 0) return;
  }
}

async function trickle({ body, out }: Answer, bytes: number, everyMs: number): Promise<void> {
  const over = new AbortController();
  void out.gone.then(() => over.abort());
  for await (const part of body)
    for (let from = 0; from < (part as Buffer).length; from += bytes) {
      if (!(await out.write((part as Buffer).subarray(from, from + bytes)))) return;
      await wait(everyMs, undefined, { signal: over.signal });
    }
  out.end();
}

async function wrongLength({ response, body, out, length }: Answer, by: number): Promise<void> {
  if (length !== undefined) response.setHeader('Content-Length', Math.max(0, length + by));
  response.setHeader('Connection', 'close');
  out.head();
  // Closed by hand: with a length that is too large Node would wait for more.
  if (await sendAll(body, out)) endConnection(response, 'close');
}

async function resize(answer: Answer, by: number): Promise<void> {
  const { response, body, out, random } = answer;
  let length = answer.length;
  if (length === undefined) {
    // A chunked answer is small here: no download is one.
    const whole = Buffer.concat((await body.toArray()) as Buffer[]);
    length = whole.length;
    await out.write(whole.subarray(0, Math.max(0, length + by)));
  } else {
    response.setHeader('Content-Length', Math.max(0, length + by));
    let left = Math.max(0, length + by);
    const shortened = (part: Buffer): Buffer => {
      const piece = part.subarray(0, left);
      left -= piece.length;
      return piece;
    };
    if (!(await sendAll(body, out, shortened))) return;
  }
  if (by > 0) await out.write(random.bytes(by));
  out.end();
}

async function flipByte({ body, out, length, random }: Answer, at: number | undefined): Promise<void> {
  const place = at ?? Math.floor(random.next() * (length ?? 1));
  let seen = 0;
  const flipped = (part: Buffer): Buffer => {
    const inside = place - seen;
    seen += part.length;
    if (inside < 0 || inside >= part.length) return part;
    const copy = Buffer.from(part);
    copy.writeUInt8(copy.readUInt8(inside) ^ 0x01, inside);
    return copy;
  };
  if (await sendAll(body, out, flipped)) out.end();
}
