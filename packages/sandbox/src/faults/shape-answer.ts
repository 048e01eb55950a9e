import type { Response } from 'express';
import { PassThrough } from 'node:stream';

/** The way to the caller once the handler's own was taken away. */
export interface AnswerOut {
  /** Sends a part of the body, the head before the first; resolves when there is room for more. False: caller gone. */
  write(part: Buffer): Promise<boolean>;
  /** Sends the head now, in case that no body follows. */
  head(): void;
  /** Ends the answer in order. */
  end(): void;
  /** Gives the response back as it was before: the next answer goes straight to the caller. */
  restore(): void;
  /** Resolves when the connection is over, whoever ended it. */
  readonly gone: Promise<void>;
}

/**
 * Lets `shape` stand between a handler and its caller. The handler writes as always; `body` is what it wrote, and
 * nothing reaches the caller but by `out`. Status and headers can be changed until the first `out` call.
 */
export function shapeAnswer(
  response: Response,
  shape: (body: PassThrough, out: AnswerOut) => Promise<void>,
): void {
  const body = new PassThrough();
  const write = response.write.bind(response) as (part: Buffer) => boolean;
  const end = response.end.bind(response) as () => Response;
  const flushHeaders = response.flushHeaders.bind(response);
  const writeHead = response.writeHead.bind(response) as (...given: unknown[]) => Response;
  // The handler's calls and those that Node makes for us look alike; ours come while this is set.
  let ours = false;
  function send<T>(step: () => T): T {
    ours = true;
    try {
      return step();
    } finally {
      ours = false;
    }
  }
  const gone = new Promise<void>((resolve) => {
    response.once('close', () => {
      body.destroy();
      resolve();
    });
  });
  const alive = (): boolean => response.socket?.destroyed === false;
  const own = {
    write: response.write,
    end: response.end,
    writeHead: response.writeHead,
    flushHeaders: response.flushHeaders,
  };
  body.on('drain', () => response.emit('drain'));
  body.on('error', () => undefined);

  response.writeHead = ((...given: unknown[]) => {
    if (ours) return writeHead(...given);
    if (typeof given[0] === 'number') response.statusCode = given[0];
    const headers = given.at(-1);
    if (typeof headers === 'object' && headers !== null)
      for (const [name, value] of Object.entries(headers as Record<string, string>))
        response.setHeader(name, value);
    return response;
  }) as typeof response.writeHead;
  response.flushHeaders = () => undefined;
  response.write = ((part: unknown, ...rest: unknown[]) =>
    (body.write as (...given: unknown[]) => boolean).call(body, part, ...rest)) as typeof response.write;
  response.end = ((...given: unknown[]) => {
    (body.end as (...all: unknown[]) => unknown).call(body, ...given);
    return response;
  }) as typeof response.end;

  void shape(body, {
    async write(part) {
      if (!alive()) return false;
      if (part.length > 0) send(() => write(part));
      // A drain of `body` is announced under the same name: the property says which one it was.
      while (response.writableNeedDrain && !response.destroyed)
        await Promise.race([gone, new Promise((resolve) => response.once('drain', resolve))]);
      return alive();
    },
    head() {
      send(() => flushHeaders());
    },
    end: () => void send(() => end()),
    restore: () => void Object.assign(response, own),
    gone,
  }).catch(() => response.socket?.destroy());
}
