import type { IncomingMessage, ServerResponse } from 'node:http';
import { loopback } from './loopback-server';
import type { Loopback } from './loopback-server';

export const etag = '"v1"';

export interface Store {
  /** Bytes that each answer gives before its connection is cut; an answer beyond the list is whole. */
  readonly cuts: number[];
  /** Of the first answer and of all. */
  readonly headers?: Record<string, string | undefined> | undefined;
  /** Instead of a good 206. */
  readonly rest?: (from: number, response: ServerResponse, request: IncomingMessage) => void;
  readonly cut?: (request: IncomingMessage) => void;
}

/** A file store that offers ranges, as object stores do, and breaks off where it is told to. */
export function rangeStore(file: Buffer, { cuts, headers = {}, rest, cut }: Store): Promise<Loopback> {
  let answers = 0;
  return loopback((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const limit = cuts[answers];
    answers += 1;
    if (request.headers.range !== undefined && rest !== undefined) {
      rest(from, response, request);
      return;
    }
    const part = request.headers.range !== undefined && request.headers['if-range'] === etag;
    const bytes = part ? file.subarray(from) : file;
    const all: Record<string, string | number | undefined> = {
      'accept-ranges': 'bytes',
      etag,
      'content-length': bytes.length,
      ...(part ? { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` } : {}),
      ...headers,
    };
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    response.writeHead(part ? 206 : 200, given as Record<string, string>);
    if (limit === undefined) response.end(bytes);
    else
      response.write(bytes.subarray(0, limit), () =>
        (cut ?? (({ socket }) => void socket.destroy()))(request),
      );
  });
}
