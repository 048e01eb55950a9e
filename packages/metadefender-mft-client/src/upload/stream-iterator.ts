import { UploadSourceError } from '../errors/upload-source-error';
import type { ByteStream } from './upload-source';

/**
 * Reads a stream piece by piece, whichever kind it is.
 *
 * @throws UploadSourceError when a factory opened something else
 */
export function streamIterator(stream: ByteStream): AsyncIterator<unknown, unknown> {
  // From JavaScript a factory may return anything, also nothing.
  const given: unknown = stream;
  if (typeof given !== 'object' || given === null) throw noStream();
  if (Symbol.asyncIterator in stream) return stream[Symbol.asyncIterator]();
  if (typeof (stream as { getReader?: unknown }).getReader !== 'function') throw noStream();
  const reader = stream.getReader();
  return {
    next: async () => {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

const noStream = (): UploadSourceError =>
  new UploadSourceError(
    'The factory opened no stream: it must return a Node stream, a web stream or an async iterable.',
  );
