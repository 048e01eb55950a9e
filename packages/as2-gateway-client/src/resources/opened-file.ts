import type { Download } from '@mft-bridge/http-transport';

/**
 * The content of an attachment or receipt. It can be given to `pipeline` as it is; `body` is the stream itself. Read
 * it to its end or destroy `body`: until then it holds a connection.
 *
 * @example await pipeline(await attachment.open(), createWriteStream(path));
 */
export interface OpenedFile extends Download, AsyncIterable<Buffer> {}

/** Makes a download iterable. Leaving the loop early destroys the stream. */
export function openedFile(download: Download): OpenedFile {
  return {
    ...download,
    [Symbol.asyncIterator]: () => download.body[Symbol.asyncIterator]() as AsyncIterator<Buffer>,
  };
}
