import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { openSource } from './open-source';
import { createProgressMeter } from './progress';
import type { UploadProgress } from './progress';
import { sendChunks } from './send-chunks';
import type { ChunkToSend, SendOptions } from './send-chunks';
import { createUploadBuffers } from './upload-buffers';
import type { UploadSource } from './upload-source';

const content = randomBytes(5_000_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const chunkBytes = 1_200_000;

async function send(source: UploadSource, change: Partial<SendOptions> = {}) {
  const signal = change.signal ?? new AbortController().signal;
  const opened = await openSource(source, {
    buffers: createUploadBuffers(3 * chunkBytes),
    chunkBytes,
    signal,
  });
  const arrived = Buffer.alloc(opened.size);
  const seen: UploadProgress[] = [];
  try {
    const hash = await sendChunks(opened, {
      chunkBytes,
      parallel: 4,
      md5: true,
      signal,
      progress: createProgressMeter(opened.size, (progress) => seen.push(progress)),
      keeper: { before: () => undefined, acknowledged: () => Promise.resolve() },
      send: async (chunk: ChunkToSend) => {
        // The later the chunk, the sooner it is through.
        await new Promise((resolve) => setTimeout(resolve, 20 - chunk.index * 4));
        expect(createHash('md5').update(chunk.data).digest('hex')).toBe(chunk.md5);
        chunk.data.copy(arrived, chunk.offset);
      },
      ...change,
    });
    return { hash, arrived, seen };
  } finally {
    await opened.close();
  }
}

const pieces = function* (bytes: Buffer, step: number) {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
};

test.each<[string, UploadSource]>([
  ['a Buffer', content],
  ['a Blob', new Blob([content])],
  [
    'a Node stream of known size',
    { open: () => Readable.from(pieces(content, 77_777)), size: content.length },
  ],
  ['a Node stream of unknown size', { open: () => Readable.from(pieces(content, 77_777)) }],
  ['a web stream', { open: () => new Blob([content]).stream(), size: content.length }],
])(
  '%s arrives whole, whatever the order of the chunks, and is hashed in the order of the file',
  async (_, source) => {
    const { hash, arrived, seen } = await send(source);
    expect(arrived.equals(content)).toBe(true);
    expect(hash).toBe(sha256);
    expect(seen.at(-1)).toEqual({ sent: content.length, total: content.length });
  },
);

test('never more chunks under way than allowed', async () => {
  let most = 0;
  let now = 0;
  await send(content, {
    parallel: 2,
    send: async () => {
      most = Math.max(most, (now += 1));
      await new Promise(setImmediate);
      now -= 1;
    },
  });
  expect(most).toBe(2);
});

test('the first failure stops the others, and is thrown after all have come to rest', async () => {
  let alive = 0;
  const sending = send(content, {
    send: async (chunk, signal) => {
      alive += 1;
      if (chunk.index === 1) {
        await new Promise(setImmediate);
        alive -= 1;
        throw new Error('refused');
      }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => setTimeout(resolve, 20)));
      alive -= 1;
      throw new Error('stopped');
    },
  });
  await expect(sending).rejects.toThrow('refused');
  expect(alive).toBe(0);
});

test('a source that ends early fails', async () => {
  const short = { open: () => Readable.from([content.subarray(0, 100)]), size: 200 };
  await expect(send(short)).rejects.toThrow(/ended before/);
});

test('a source that goes on fails', async () => {
  const long = { open: () => Readable.from([content.subarray(0, 300)]), size: 200 };
  await expect(send(long)).rejects.toThrow(/more than the 200 bytes/);
});

test('a stream of text fails: decoding may have changed the bytes', async () => {
  const text = { open: () => Readable.from(['abc'], { objectMode: true }), size: 3 };
  await expect(send(text)).rejects.toThrow(/other than bytes/);
});

test('a source that stalls does not survive an abort', async () => {
  const stop = new AbortController();
  const stalled = new Readable({ read: () => undefined });
  const sending = send({ open: () => stalled, size: 200 }, { signal: stop.signal });
  setTimeout(() => stop.abort(new Error('enough')), 10);
  await expect(sending).rejects.toThrow('enough');
  expect(stalled.destroyed).toBe(true);
});

test('progress never runs backwards, also when a chunk begins anew', () => {
  const seen: number[] = [];
  const meter = createProgressMeter(100, ({ sent }) => seen.push(sent));
  meter.moved(0, 30);
  meter.moved(1, 20);
  meter.moved(0, 10);
  meter.moved(0, 40);
  meter.done(0, 50);
  meter.moved(1, 5);
  meter.done(1, 50);
  expect(seen).toEqual([30, 50, 60, 70, 100]);
});
