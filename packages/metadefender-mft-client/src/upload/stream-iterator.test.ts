import { Readable } from 'node:stream';
import { isUploadSourceError } from '../errors/upload-source-error';
import { streamIterator } from './stream-iterator';
import type { ByteStream } from './upload-source';

const pieces = [Buffer.from('one'), Buffer.from('two')];
async function textOf(stream: ByteStream): Promise<string> {
  const iterator = streamIterator(stream);
  const found: Buffer[] = [];
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
    found.push(Buffer.from(next.value as Uint8Array));
  return Buffer.concat(found).toString();
}

/** A polyfill, or a stream of another realm: it can be read, not iterated. */
function plainWebStream(onCancel: () => void = () => undefined): ByteStream {
  const left = [...pieces];
  return {
    getReader: () => ({
      read: () => {
        const value = left.shift();
        return Promise.resolve(value === undefined ? { done: true } : { done: false, value });
      },
      cancel: () => {
        onCancel();
        return Promise.resolve();
      },
    }),
  };
}

test('Node streams, web streams, generators and streams that cannot be iterated give the same', async () => {
  const generator = async function* () {
    yield* pieces;
  };
  for (const stream of [Readable.from(pieces), new Blob(pieces).stream(), generator(), plainWebStream()])
    expect(await textOf(stream)).toBe('onetwo');
});

test('leaving early cancels a stream that cannot be iterated', async () => {
  let cancelled = 0;
  const iterator = streamIterator(plainWebStream(() => (cancelled += 1)));
  await iterator.next();
  await iterator.return?.();
  expect(cancelled).toBe(1);
});

test.each([undefined, null, 'text', 5, {}])('%j is no stream', (value) => {
  try {
    streamIterator(value as ByteStream);
  } catch (error) {
    expect(isUploadSourceError(error)).toBe(true);
    return;
  }
  throw new Error('nothing was thrown');
});
