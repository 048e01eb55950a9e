import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import fc from 'fast-check';
import type { OutgoingAttachment } from './attachment-content';
import { encodeMultipart } from './encode-multipart';
import type { EncodedBody } from './encode-multipart';
import { controlProblem } from './header-text';

interface Part {
  field: string;
  name: string;
  contentType: string;
  content: string;
}

async function parse({ contentType, open }: EncodedBody): Promise<Part[]> {
  const parts: Part[] = [];
  const pending: Promise<void>[] = [];
  const parser = busboy({
    headers: { 'content-type': contentType },
    defParamCharset: 'utf8',
    preservePath: true,
  });
  parser.on('file', (field, stream, { filename, mimeType }) => {
    const index = parts.push({ field, name: String(filename), contentType: mimeType, content: '' }) - 1;
    pending.push(buffer(stream).then((bytes) => void (parts[index]!.content = bytes.toString('hex'))));
  });
  await pipeline(open(), parser);
  await Promise.all(pending);
  return parts;
}

const name = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((text) => controlProblem(text) === undefined);
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const delimiterLike = fc
  .constantFrom('--a-boundary-of-32', '\r\n--a-boundary-of-32-random-character', '\r\n--b--\r\n')
  .map((text) => Buffer.from(text));
const options = { boundary: 'a-boundary-of-32-random-characters', field: 'File' };

describe('encodeMultipart', () => {
  it('is read back by another parser, name by name and byte by byte', async () => {
    const attachment = fc.record({ name, content: fc.oneof(bytes, delimiterLike), streamed: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(attachment, { minLength: 1, maxLength: 5 }), async (given) => {
        const attachments = given.map(({ name, content, streamed }): OutgoingAttachment => ({
          name,
          contentType: 'application/edi-x12',
          ...(streamed
            ? {
                content: () =>
                  Readable.from([content.subarray(0, 7), content.subarray(7)], { objectMode: false }),
                size: content.length,
              }
            : { content }),
        }));
        const body = encodeMultipart(attachments, options);
        expect((await buffer(body.open())).length).toBe(body.length);
        expect(await parse(body)).toEqual(
          given.map(({ name, content }) => ({
            field: 'File',
            name,
            contentType: 'application/edi-x12',
            content: content.toString('hex'),
          })),
        );
      }),
    );
  });

  it('can be opened again for another try', async () => {
    const body = encodeMultipart([{ name: 'a', content: () => Readable.from(['once ', 'more']) }], options);
    expect(await parse(body)).toEqual(await parse(body));
  });

  it('has no length when one of the sizes is not known', () => {
    const body = encodeMultipart(
      [
        { name: 'a', content: Buffer.from('x') },
        { name: 'b', content: () => Readable.from(['y']) },
      ],
      options,
    );
    expect(body.length).toBeUndefined();
  });

  it.each([
    ['fewer', 4],
    ['more', 2],
  ])('fails when a stream gives %s bytes than declared', async (_what, size) => {
    const body = encodeMultipart([{ name: 'a', size, content: () => Readable.from(['xyz']) }], options);
    await expect(buffer(body.open())).rejects.toThrow(/declared with/);
  });

  it('closes a stream that stalls when the request is given up', async () => {
    const source = new Readable({ read: () => undefined });
    source.push('something');
    const stream = encodeMultipart([{ name: 'a', content: () => source }], options).open();
    await new Promise((resolve) =>
      stream.on('data', (chunk) => String(chunk) === 'something' && resolve(undefined)),
    );
    stream.destroy();
    expect(source.destroyed).toBe(true);
  });

  it('closes a stream that is opened after the request was given up', async () => {
    const source = Readable.from(['late']);
    let opened: (source: Readable) => void = () => undefined;
    const content = () => new Promise<Readable>((resolve) => (opened = resolve));
    const stream = encodeMultipart([{ name: 'a', content }], options).open();
    stream.resume();
    while (opened.length === 0) await new Promise(setImmediate);
    stream.destroy();
    opened(source);
    await new Promise((resolve) => source.once('close', resolve));
    expect(source.destroyed).toBe(true);
  });

  it('passes on why a stream failed', async () => {
    const content = () =>
      new Readable({
        read() {
          this.destroy(new Error('ENOENT: gone'));
        },
      });
    const body = encodeMultipart([{ name: 'a', content }], options);
    await expect(buffer(body.open())).rejects.toThrow('ENOENT');
  });
});
