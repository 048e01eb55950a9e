import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What is done to the calls that fit. Fields that are absent change nothing. */
export interface Trick {
  /** `POST /message/submit`: matched against method, blank, path and query. */
  readonly call: RegExp;
  /** How many calls it is played on; all by default. */
  readonly times?: number;
  /** Awaited before the call goes on to the service. */
  readonly before?: () => Promise<void>;
  /** The service never gets the call: its connection is reset when all of it was read. */
  readonly swallow?: boolean;
  /** The service does the work, and its answer gets lost. */
  readonly lose?: boolean;
  /** Half of the body comes, then the connection breaks. */
  readonly cut?: boolean;
  /** The body comes in chunks, and no header says how long it is. */
  readonly hideSize?: boolean;
  readonly rewrite?: (answer: Answer) => Partial<Answer>;
}

export interface RewritingProxy {
  readonly url: string;
  /** Begins a trick; `hits` counts the calls that it was played on. */
  play(trick: Trick): { readonly hits: number; end(): void };
  close(): Promise<void>;
}

/** Stands before a service and falsifies it. */
export async function startRewritingProxy(target: string): Promise<RewritingProxy> {
  const playing: { trick: Trick; hits: number }[] = [];
  const server = createServer((incoming, outgoing) => {
    const call = `${incoming.method ?? ''} ${incoming.url ?? ''}`;
    const played = playing.find(
      ({ trick, hits }) => trick.call.test(call) && hits < (trick.times ?? Infinity),
    );
    if (played !== undefined) played.hits += 1;
    answer(target, incoming, outgoing, played?.trick).catch(() => incoming.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    play(trick) {
      const played = { trick, hits: 0 };
      playing.unshift(played);
      return {
        get hits() {
          return played.hits;
        },
        end: () => void playing.splice(playing.indexOf(played), 1),
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  trick: Trick | undefined,
): Promise<void> {
  if (trick?.swallow === true) {
    await buffer(incoming);
    incoming.socket.resetAndDestroy();
    return;
  }
  await trick?.before?.();
  const reply = await forward(target, incoming);
  if (trick === undefined) {
    outgoing.writeHead(reply.statusCode ?? 500, reply.headers);
    reply.pipe(outgoing);
    return;
  }
  const original = { status: reply.statusCode ?? 500, headers: reply.headers, body: await buffer(reply) };
  if (trick.lose === true) {
    incoming.socket.resetAndDestroy();
    return;
  }
  const { status, headers, body } = { ...original, ...trick.rewrite?.(original) };
  const framing = new Set(['transfer-encoding', 'content-length']);
  const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => !framing.has(name)));
  outgoing.writeHead(status, trick.hideSize === true ? kept : { ...kept, 'content-length': body.length });
  if (trick.cut === true) {
    outgoing.write(body.subarray(0, body.length / 2), () => incoming.socket.destroy());
    return;
  }
  outgoing.end(body);
}

function forward(target: string, incoming: IncomingMessage): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { method, headers, url = '' } = incoming;
    const onward = request(`${target}${url}`, { method, headers, agent: false }, resolve);
    onward.on('error', reject);
    incoming.pipe(onward);
  });
}
