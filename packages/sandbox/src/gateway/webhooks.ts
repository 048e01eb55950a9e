import { createLane } from '../lane';
import type { Generation } from './names';
import { createNames } from './names';
import type { Script, ScriptTimes } from '../script';
import { createScriptBook } from '../script';
import type { WebhookEvent, WebhookEventType } from './webhook-payload';
import { webhookPayload } from './webhook-payload';

/** How often the clock is looked at while somebody waits for webhooks. */
const TICK_MS = 25;
/** Under way at one time. A clock that is moved makes thousands due at once, and a receiver must not drown in them. */
const AT_ONCE = 64;
/** The vendor names no timeout. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Where webhooks go. */
export interface WebhookTarget {
  /** On this machine: anything else is refused. */
  readonly url: string;
  /** AS2 identifier. Default: all stations without a target of their own. */
  readonly station?: string;
  /** Of the keys. Default: as the gateway's. */
  readonly names?: Generation;
}

/** What happens to the webhooks that fit; what is left out fits all. */
export interface WebhookRule extends ScriptTimes {
  readonly eventType?: WebhookEventType;
  readonly messageId?: string;
  readonly partner?: string;
  readonly station?: string;
  /** 0: never, 2: twice. Default 1. */
  readonly copies?: number;
  /** How late the first comes, ms by the sandbox's clock. Default 0. */
  readonly delayMs?: number;
  /** How much later each further copy comes, ms. Default 0. */
  readonly gapMs?: number;
  /** Comes after the next other webhook, when that one was answered. */
  readonly behindNext?: boolean;
}

/** A webhook that was sent, or lost by a rule or on the way. */
export interface WebhookRecord {
  /** Epoch ms. */
  readonly at: number;
  readonly eventType: WebhookEventType;
  readonly messageId: string;
  readonly url: string;
  /** What was answered, if anything was. */
  readonly status?: number;
  /** Why it did not arrive. It is not sent again: the vendor does not either. */
  readonly lost?: string;
}

/** HTTP pushes of a gateway. */
export interface Webhooks {
  /** One for each station, and one for all others: a second one replaces the first. */
  setTarget(target: WebhookTarget): void;
  removeTarget(station?: string): void;
  readonly targets: readonly WebhookTarget[];
  readonly script: Script<WebhookRule>;
  /** Oldest first. */
  readonly sent: readonly WebhookRecord[];
  /** Sends what is due by the clock and waits for the answers. For tests that move the clock. */
  flush(): Promise<void>;
}

/** The side of the gateway. */
export interface WebhookSender extends Webhooks {
  note(event: WebhookEvent): void;
  close(): Promise<void>;
}

interface Waiting {
  readonly due: number;
  readonly event: WebhookEvent;
  readonly target: WebhookTarget;
}

export function createWebhooks(options: {
  readonly clock: () => number;
  readonly generation: Generation;
  /** Works off what is due, so that events arise. */
  readonly settle: () => void;
  /** Without the cable nothing gets out. */
  readonly plugged: () => boolean;
}): WebhookSender {
  const { clock } = options;
  const targets = new Map<string | undefined, WebhookTarget>();
  const script = createScriptBook<WebhookRule, WebhookEvent>('webhook', fits);
  const sent: WebhookRecord[] = [];
  const inFlight = new Set<Promise<void>>();
  const lane = createLane(AT_ONCE);
  const over = new AbortController();
  let waiting: Waiting[] = [];
  let behindNext: Waiting[] = [];
  let ticker: NodeJS.Timeout | undefined;

  async function post({ event, target }: Waiting): Promise<void> {
    const { eventType, message } = event;
    const record = { at: clock(), eventType, messageId: message.identifier, url: target.url };
    if (!options.plugged()) {
      sent.push({ ...record, lost: 'the gateway is unplugged' });
      return;
    }
    try {
      const names = createNames(target.names ?? options.generation);
      const answer = await fetch(target.url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(webhookPayload(event, names)),
        redirect: 'manual',
        signal: AbortSignal.any([over.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
      });
      await answer.body?.cancel();
      sent.push({
        ...record,
        status: answer.status,
        ...(answer.ok ? {} : { lost: 'the receiver did not answer 2xx' }),
      });
    } catch (error) {
      sent.push({ ...record, lost: reasonOf(error) });
    }
  }

  function dispatch(entry: Waiting): void {
    const held = behindNext.filter((other) => other.event !== entry.event);
    behindNext = behindNext.filter((other) => other.event === entry.event);
    const work = lane(async () => {
      await post(entry);
      for (const other of held) await post(other);
    });
    inFlight.add(work);
    void work.finally(() => inFlight.delete(work));
  }

  function tick(): void {
    options.settle();
    const now = clock();
    const due = waiting.filter((entry) => entry.due <= now).sort((a, b) => a.due - b.due);
    waiting = waiting.filter((entry) => entry.due > now);
    due.forEach(dispatch);
  }

  function restart(): void {
    clearInterval(ticker);
    ticker = targets.size === 0 || over.signal.aborted ? undefined : setInterval(tick, TICK_MS).unref();
  }

  return {
    get targets() {
      return [...targets.values()];
    },
    script,
    sent,
    setTarget(target) {
      targets.set(target.station, checkTarget(target));
      restart();
    },
    removeTarget(station) {
      targets.delete(station);
      restart();
    },
    note(event) {
      const target = targets.get(event.message.station) ?? targets.get(undefined);
      if (target === undefined) return;
      const rule = script.follow(event) ?? {};
      const { copies = 1, delayMs = 0, gapMs = 0 } = rule;
      if (copies === 0) {
        const { eventType, at, message } = event;
        sent.push({ at, eventType, messageId: message.identifier, url: target.url, lost: 'by script' });
      }
      for (let copy = 0; copy < copies; copy += 1) {
        const entry: Waiting = { due: event.at + delayMs + copy * gapMs, event, target };
        if (rule.behindNext === true) behindNext.push(entry);
        else waiting.push(entry);
      }
    },
    async flush() {
      tick();
      while (inFlight.size > 0) await Promise.all(inFlight);
    },
    async close() {
      over.abort();
      restart();
      await Promise.all(inFlight);
    },
  };
}

function fits(rule: WebhookRule, { eventType, message }: WebhookEvent): boolean {
  return (
    (rule.eventType === undefined || rule.eventType === eventType) &&
    (rule.messageId === undefined || rule.messageId === message.identifier) &&
    (rule.partner === undefined || rule.partner === message.partner) &&
    (rule.station === undefined || rule.station === message.station)
  );
}

/** What the sandbox is told to do it does on this machine only. */
function checkTarget(target: WebhookTarget): WebhookTarget {
  const url = URL.canParse(target.url) ? new URL(target.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || !isLoopback(url.hostname))
    throw new RangeError(
      'A webhook goes to an http(s) URL on loopback: http://127.0.0.1:8080/hook, for one.',
    );
  return target;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** `fetch` hides what happened in the cause. */
function reasonOf(error: unknown): string {
  const { cause = error } = error as { readonly cause?: unknown };
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  // The code of an abort or a timeout is a number of old that says nothing.
  return String(typeof code === 'string' ? code : message);
}
