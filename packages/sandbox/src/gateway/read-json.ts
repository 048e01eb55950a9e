import type { Request } from 'express';
import { RefusedError } from './query';

const MAX_BYTES = 1024 * 1024;

/**
 * A small JSON body, whatever `Content-Type` says of it.
 *
 * @throws RefusedError 400 where it is no JSON, 413 above 1 MiB.
 */
export async function readJson(request: Request): Promise<unknown> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    bytes += (part as Buffer).length;
    if (bytes > MAX_BYTES) throw new RefusedError(413, 'Request Too Long');
    parts.push(part as Buffer);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString()) as unknown;
  } catch {
    throw new RefusedError(400, 'Invalid request body');
  }
}
