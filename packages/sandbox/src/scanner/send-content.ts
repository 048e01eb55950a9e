import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { byteRange } from './byte-range';
import type { ScannerUndocumented } from './undocumented';
import { servedContent, type StoredFile } from './stored-file';

/** Answers a download, whole or the range that was asked for. */
export async function sendContent(
  request: Request,
  response: Response,
  file: StoredFile,
  now: number,
  ranges: ScannerUndocumented['range'],
): Promise<void> {
  const content = servedContent(file, now);
  const range = ranges === 'served' ? byteRange(request.headers.range, content.size) : undefined;
  response.set({
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    ...(ranges === 'served' ? { 'Accept-Ranges': 'bytes' } : {}),
  });
  if (range === 'unsatisfiable') {
    response.status(416).set('Content-Range', `bytes */${content.size}`).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: content.size };
  if (range !== undefined)
    response.status(206).set('Content-Range', `bytes ${start}-${end - 1}/${content.size}`);
  response.set('Content-Length', String(end - start));
  await pipeline(content.read(start, end), response);
}
