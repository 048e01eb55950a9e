import { setTimeout as wait } from 'node:timers/promises';
import { createPathCheck } from './path-secrets';
import { parseWebhook } from './parse-webhook';
import { readBody } from './read-body';
import type { WebhookRequest } from './read-body';
import { verifyWebhook } from './verify-webhook';
import type { VerifiedWebhook, WebhookDoubt, WebhookVerifier } from './verify-webhook';
import type { KnownWebhookEvent, WebhookEvent } from './webhook-event';

/** Why an event was not given to `onEvent`. */
export type WebhookDrop = WebhookDoubt | 'unknown-event' | 'too-many';

/** The parts of an answer that are used; those of Express and of `node:http` have them. */
export interface WebhookResponse {
  /** Set before `end`. */
  statusCode: number;
  /** As in `node:http`. */
  setHeader(name: string, value: string): unknown;
  /** As in `node:http`. */
  end(): unknown;
}

/** How to receive webhooks. */
export interface WebhookHandlerOptions {
  /**
   * The last segment of the address that the console calls, e.g. `https://…/hooks/<secret>`. Two while it is
   * rotated. Each at least 22 characters: this and the check over REST are all that protects an unsigned webhook.
   */
  readonly secrets: readonly string[];
  /** The client with which each event is checked. */
  readonly gateway: WebhookVerifier;
  /**
   * The work, after the answer was sent. An event that comes again while it is under way, or after it was done, is
   * passed by (the last thousand are known); after an error it is tried again when it comes again. Webhooks get
   * lost: poll as well, and let this only save the waiting.
   */
  readonly onEvent: (verified: VerifiedWebhook) => void | Promise<void>;
  /** An event that is of no known kind, that the service does not confirm, or that was too much at once. */
  readonly onDropped?: ((event: WebhookEvent, why: WebhookDrop) => void) | undefined;
  /** What `onEvent` or the check threw. Absent: a warning of the process, without the event's content. */
  readonly onError?: ((error: unknown, event: KnownWebhookEvent) => void) | undefined;
  /** Bytes; a larger body is answered 413. Default 1 MiB. Put no body parser with a larger limit before. */
  readonly maxBytes?: number | undefined;
  /** Events under way at a time; more are answered 503. Default 1,000. */
  readonly maxPending?: number | undefined;
  /** Milliseconds until an event that is not found is looked for again: the outbox lags. Default `[2000, 10000]`. */
  readonly lookAgainMs?: readonly number[] | undefined;
  /** Waits; for tests. */
  readonly sleep?: ((ms: number, signal: AbortSignal) => Promise<void>) | undefined;
}

/** A handler for Express or `node:http`. */
export interface WebhookHandler {
  /** Takes one request. */
  (request: WebhookRequest, response: WebhookResponse): void;
  /** Ends when all that was accepted so far is done. */
  idle(): Promise<void>;
  /** Answers 503 from now on, breaks off checks (told to `onError`), and ends when `onEvent` is done with the rest. */
  close(): Promise<void>;
}

/** The answer, and the event that came where it could be read. */
interface Judged {
  readonly status: number;
  readonly event?: WebhookEvent;
}

/** Events that are remembered as done. */
const MOST_REMEMBERED = 1_000;

/**
 * Receives webhooks: checks the secret in the path in constant time (404 for anything else), reads at most
 * `maxBytes`, answers 202, and then fetches the message over REST before anybody believes the event.
 *
 * @throws InvalidRequestError for secrets that are none.
 * @example
 * const hook = createWebhookHandler({ secrets: [secret], gateway, onEvent: ({ event }) => queue.add(event.messageId) });
 * app.post('/hooks/:secret', hook);
 */
export function createWebhookHandler(options: WebhookHandlerOptions): WebhookHandler {
  const { maxBytes = 1024 * 1024, maxPending = 1_000, lookAgainMs = [2_000, 10_000] } = options;
  const isOurs = createPathCheck(options.secrets);
  const closing = new AbortController();
  const done = new Set<string>();
  const pending = new Map<string, Promise<void>>();
  const sleep = options.sleep ?? ((ms, signal) => wait(ms, undefined, { signal }));

  async function receive(request: WebhookRequest, response: WebhookResponse): Promise<void> {
    const judged = await judge(request);
    if (judged === undefined) return; // the sender hung up
    // The sender waits for this answer and no longer; what follows may take as long as it takes.
    answer(response, judged.status);
    const { status, event } = judged;
    if (event === undefined) return;
    if (status !== 202) drop(event, 'too-many');
    else if (event.type === 'unknown') drop(event, 'unknown-event');
    else accept(event);
  }

  async function judge(request: WebhookRequest): Promise<Judged | undefined> {
    // The secret first: whoever does not have it learns nothing, not even that there is a handler here.
    if (!isOurs(request.url ?? '')) return { status: 404 };
    if (request.method !== 'POST') return { status: 405 };
    if (closing.signal.aborted) return { status: 503 };
    const reading = await readBody(request, maxBytes);
    if (reading.kind === 'gone') return undefined;
    if (reading.kind === 'too-large') return { status: 413 };
    try {
      const event = parseWebhook(reading.body);
      return { status: pending.size >= maxPending ? 503 : 202, event };
    } catch {
      return { status: 400 };
    }
  }

  function accept(event: KnownWebhookEvent): void {
    const key = keyOf(event);
    if (done.has(key) || pending.has(key)) return;
    const work = handle(event)
      .then((handled) => {
        if (handled) remember(key);
      })
      .catch((error: unknown) => fail(error, event))
      .finally(() => pending.delete(key));
    pending.set(key, work);
  }

  async function handle(event: KnownWebhookEvent): Promise<boolean> {
    const { gateway } = options;
    let result = await verifyWebhook(gateway, event, { signal: closing.signal });
    for (const pause of lookAgainMs) {
      if (result !== 'not-found') break;
      await sleep(pause, closing.signal);
      result = await verifyWebhook(gateway, event, { signal: closing.signal });
    }
    // What was not confirmed is not remembered either: should it come again, it is looked for again.
    if (typeof result === 'string') drop(event, result);
    else await options.onEvent(result);
    return typeof result !== 'string';
  }

  function drop(event: WebhookEvent, why: WebhookDrop): void {
    observe(() => options.onDropped?.(event, why));
  }

  function fail(error: unknown, event: KnownWebhookEvent): void {
    if (options.onError) {
      observe(() => options.onError?.(error, event));
      return;
    }
    const name = error instanceof Error ? error.name : typeof error;
    process.emitWarning(`A webhook event could not be handled (${name}).`, { code: 'MFT_BRIDGE_WEBHOOK' });
  }

  function remember(key: string): void {
    done.add(key);
    const [oldest] = done;
    if (done.size > MOST_REMEMBERED && oldest !== undefined) done.delete(oldest);
  }

  async function idle(): Promise<void> {
    await Promise.allSettled(pending.values());
  }

  const handler = (request: WebhookRequest, response: WebhookResponse): void => {
    receive(request, response).catch(() => answer(response, 500));
  };
  return Object.assign(handler, {
    idle,
    close() {
      closing.abort();
      return idle();
    },
  });
}

// What an observer throws must neither end the process nor change an answer.
function observe(tell: () => void): void {
  try {
    tell();
  } catch {
    // Nothing that this handler could do about it.
  }
}

function answer(response: WebhookResponse, status: number): void {
  response.statusCode = status;
  if (status === 405) response.setHeader('Allow', 'POST');
  // The rest of a body that is not read must not be waited for.
  if (status !== 202) response.setHeader('Connection', 'close');
  response.setHeader('Content-Length', '0');
  response.end();
}

// A partner may send a message of the same id again, and a message under retry may fail again: the time tells.
function keyOf(event: KnownWebhookEvent): string {
  return JSON.stringify([event.type, event.messageId, timeOf(event)]);
}

function timeOf(event: KnownWebhookEvent): number | undefined {
  switch (event.type) {
    case 'received':
      return event.receivedAt;
    case 'sent':
      return event.sentAt;
    case 'failed':
      return event.lastAttemptAt;
  }
}
