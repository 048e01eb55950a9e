import type { Readable } from 'node:stream';
import { countedStream } from './counted-stream';
import type { SourceFailure } from './counted-stream';
import { InvalidRequestError } from './errors/invalid-request-error';
import type { RequestBody } from './operation';

/** The source of a body failed; raised inside a try, mapped to RequestBodyError at its end. */
export class SourceFailed extends Error {
  readonly failure: SourceFailure;

  constructor(failure: SourceFailure) {
    super('the source of the body failed');
    this.failure = failure;
  }
}

/** A body as one try sends it. */
export interface OpenBody {
  readonly data: Buffer | Readable;
  /** The failure that ended it, if its source failed. */
  failure(): SourceFailed | undefined;
  /** Frees the source, whether it was read or not. */
  dispose(): void;
}

export interface PreparedBody {
  readonly replayable: boolean;
  readonly contentType: string;
  /** Bytes, where known. */
  readonly length: number | undefined;
  /** Opening may take long, or never end: the source is the caller's own. */
  readonly foreign: boolean;
  /** Called once per try. */
  open(onBytes: ((total: number) => void) | undefined): Promise<OpenBody>;
}

function wholeBody(bytes: Buffer, contentType: string): PreparedBody {
  const body: OpenBody = { data: bytes, failure: () => undefined, dispose: () => undefined };
  return {
    replayable: true,
    contentType,
    length: bytes.length,
    foreign: false,
    open: () => Promise.resolve(body),
  };
}

function streamed(
  source: Readable,
  expected: number | undefined,
  onBytes?: (total: number) => void,
): OpenBody {
  let failed: SourceFailed | undefined;
  const data = countedStream(source, {
    expected,
    holdLast: true,
    onBytes,
    fail: (failure) => (failed = new SourceFailed(failure)),
  });
  // The try looks at failure(); without a listener an error after its end would be uncaught.
  data.on('error', () => undefined);
  return { data, failure: () => failed, dispose: () => data.destroy() };
}

/**
 * Makes a declared body sendable. JSON is written once, so that every try sends the same bytes; a stream is asked for
 * anew by each try. Measured: a retried one-shot stream sends 0 bytes, or what was left of it, and resolves 200.
 */
export function prepareBody(operation: string, body: RequestBody | undefined): PreparedBody | undefined {
  if (body === undefined) return undefined;
  if ('json' in body) {
    let text: string | undefined;
    try {
      text = JSON.stringify(body.json);
    } catch {
      // Circular, or a BigInt: the text of the error would print the path through the caller's data.
    }
    if (text === undefined) {
      throw new InvalidRequestError({
        operation,
        message: `${operation}: the body cannot be written as JSON (undefined, circular, or with a BigInt). Nothing was sent.`,
        hint: 'Pass plain data.',
      });
    }
    return wholeBody(Buffer.from(text), 'application/json');
  }
  const contentType = body.contentType ?? 'application/octet-stream';
  if ('bytes' in body) {
    const { buffer, byteOffset, byteLength } = body.bytes;
    return wholeBody(Buffer.from(buffer, byteOffset, byteLength), contentType);
  }
  const { length } = body;
  if (length !== undefined && !(Number.isSafeInteger(length) && length >= 0)) {
    throw new InvalidRequestError({
      operation,
      message: `${operation}: the length of the body is no whole number of bytes. Nothing was sent.`,
      hint: 'Give the size of the file, or leave the length out.',
      issues: [{ path: 'body.length', code: 'invalid_length' }],
    });
  }
  if ('once' in body) {
    return {
      replayable: false,
      contentType,
      length,
      foreign: false,
      open: (onBytes) => Promise.resolve(streamed(body.once, length, onBytes)),
    };
  }
  return {
    replayable: true,
    contentType,
    length,
    foreign: true,
    open: async (onBytes) => {
      try {
        return streamed(await body.open(), length, onBytes);
      } catch (error) {
        throw new SourceFailed({ kind: 'error', error });
      }
    },
  };
}
