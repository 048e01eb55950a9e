import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { parseWebhook } from '@mft-bridge/as2-gateway-client';
import express from 'express';
import type { Secret } from '../config/secret';
import type { HttpListener } from './http-listener';
import { createHttpListener } from './http-listener';

/** A webhook is a few KB: ids and names, no content. */
const maxBytes = 64 * 1024;
const maxHeaderBytes = 8 * 1024;
/** Memory that strangers can take: so many bodies at most. */
const maxConnections = 256;

export interface PublicListenerOptions {
  /** One, or two while it is changed. */
  readonly secrets: readonly Secret[];
  /** The stations that are read: what concerns others brings nothing forward. */
  readonly stations: readonly string[];
  /** Something came in. Called as often as somebody who knows the secret likes. */
  readonly onHint: () => void;
}

/**
 * The listener that the gateway's webhook reaches: `POST /hooks/{secret}` and nothing else. Whatever else comes is
 * answered 404 without a body and without a difference. The webhook is unsigned, so nothing in it is believed: an event
 * about a received message makes the bridge ask the gateway sooner.
 *
 * @example
 * const listener = createPublicListener({ secrets, stations: ['HUB'], onHint: () => poller.hint() });
 * await listener.listen({ host: '0.0.0.0', port: 8481 });
 */
export function createPublicListener({ secrets, stations, onHint }: PublicListenerOptions): HttpListener {
  const isOurs = createPathCheck(secrets);

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Both are looked at in any case.
    const [known, isPost] = [isOurs(request.url ?? ''), request.method === 'POST'];
    if (!known || !isPost) {
      answer(response, 404);
      return;
    }
    if (request.headers.expect !== undefined) response.writeContinue();
    const body = await readBody(request);
    if (body === 'gone') return;
    if (body === 'too-large') {
      answer(response, 413);
      return;
    }
    const event = parse(body);
    // Whoever sends it waits for nothing but this answer.
    answer(response, event === undefined ? 400 : 202);
    if (event?.type !== 'received') return;
    if (event.station === undefined || stations.includes(event.station)) onHint();
  }

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response) => {
    receive(request, response).catch(() => answer(response, 404));
  });

  // Strangers reach this: whoever is slow loses the connection soon, and Node looks for them every second.
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: 5_000,
      requestTimeout: 10_000,
      connectionsCheckingInterval: 1_000,
    },
    app,
  );
  server.maxConnections = maxConnections;
  server.on('checkContinue', app);
  server.on('checkExpectation', app);
  // Node would answer 400, 408 and 431 in words of its own.
  server.on('clientError', (_error, socket) => socket.destroy());
  return createHttpListener(server, 'web.public');
}

/**
 * Whether a path is that of the webhook. Hashes are compared, with each secret and without an early end, so that the
 * time taken tells nothing about a guess. A slash at the end is forgiven: some senders insist on one.
 */
function createPathCheck(secrets: readonly Secret[]): (url: string) => boolean {
  const expected = secrets.map((secret) => digest(secret.reveal()));
  return (url) => {
    const segment = /^\/hooks\/([^/?#]+)\/?(?:\?.*)?$/s.exec(url)?.[1] ?? '';
    const given = digest(decoded(segment));
    return expected.map((secret) => timingSafeEqual(secret, given)).some(Boolean);
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function parse(body: Buffer): ReturnType<typeof parseWebhook> | undefined {
  try {
    return parseWebhook(body);
  } catch {
    return undefined;
  }
}

/** Never keeps more than `maxBytes`. `gone`: the sender hung up, or was too slow. */
function readBody(request: IncomingMessage): Promise<Buffer | 'too-large' | 'gone'> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        request.pause();
        chunks.length = 0;
        resolve('too-large');
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve('gone'));
    request.on('close', () => resolve('gone'));
  });
}

/** No body, no header that says what answers, and no connection that is kept: what still comes is not read. */
function answer(response: ServerResponse, status: number): void {
  if (response.headersSent || response.destroyed) return;
  response.sendDate = false;
  response.writeHead(status, { Connection: 'close', 'Content-Length': '0' });
  response.end();
}
