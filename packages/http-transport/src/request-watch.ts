import http from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { CallScope } from './call-scope';
import { failedWrite } from './last-words';
import type { Clocks } from './operation';

/** As much of an AbortSignal as axios uses; a real one is dear next to a small call. */
export interface TrySignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: (event: { readonly type: 'abort' }) => void): void;
  removeEventListener(type: 'abort', listener: (event: { readonly type: 'abort' }) => void): void;
}

/** Watches one try on the wire: whether it can have been sent, and the clocks for headers and for idleness. */
export interface RequestWatch {
  /** What axios sends by, in place of node:http. */
  readonly transport: {
    request(options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest;
  };
  /** Aborted with the call, or when a clock of this try ran out. */
  readonly signal: TrySignal;
  /** False only while the connection, TLS included, provably was not there. */
  sent(): boolean;
  /** What kept the request from being written whole, whatever was answered. Waits while it is still being written, for a second at most. */
  brokenWrite(): Promise<Error | undefined>;
  timedOut(): 'headers' | 'idle' | undefined;
  /** Tells when the reader of the answer is the slow one; the idle clock does not run then. */
  holdWhile(isHeld: () => boolean): void;
  /** The reader reads again: the idle clock starts anew. */
  resumed(): void;
  /** The try is over: clocks off, and a request that is still being written is torn down. */
  end(): void;
}

export interface RequestWatchOptions {
  readonly clocks: Clocks;
  readonly hasBody: boolean;
  /** Path and query in place of those that axios read from the URL. */
  readonly target?: string | undefined;
  readonly scope: CallScope;
  /** The last byte of the request was handed over. */
  readonly onFinished: () => void;
}

/** Far more than the last bytes need; a server that says yes and reads on without haste has decided. */
const lastWriteMs = 1000;

/**
 * The idle clock is the socket's own: Node restarts it for every byte that moves, also inside of one large write.
 * axios' `timeout` is not used; it ends an upload that is moving, and never sees a body that trickles.
 */
export function watchRequest({
  clocks,
  hasBody,
  target,
  scope,
  onFinished,
}: RequestWatchOptions): RequestWatch {
  // Not by destroying the request: Node says nothing of that before a socket is there, and a proxy may never give one.
  let aborted = false;
  const listeners = new Set<(event: { readonly type: 'abort' }) => void>();
  const abort = (): void => {
    aborted = true;
    for (const listener of [...listeners]) listener({ type: 'abort' });
  };
  const forget = scope.onInterrupt(abort);
  let request: ClientRequest | undefined;
  let socket: Socket | undefined;
  let wire: Socket | undefined;
  let sent = false;
  let timedOut: 'headers' | 'idle' | undefined;
  let isHeld = (): boolean => false;
  let headersTimer: NodeJS.Timeout | undefined;
  let answered = false;
  let written = false;
  const hasFinished = (): boolean => written;
  let ended = false;

  const stop = (clock: 'headers' | 'idle'): void => {
    timedOut ??= clock;
    abort();
  };
  const startHeaders = (): void => {
    clearTimeout(headersTimer);
    // Beyond 2^31 - 1 ms setTimeout fires at once; a clock of 24 days and more is as good as none.
    if (clocks.headersMs > 0 && clocks.headersMs < 2 ** 31 && !ended)
      headersTimer = setTimeout(() => stop('headers'), clocks.headersMs);
  };
  const onIdle = (): void => {
    if (!isHeld()) stop('idle');
  };
  const stopIdle = (): void => {
    if (socket === undefined) return;
    socket.removeListener('timeout', onIdle);
    socket.setTimeout(0);
    socket = undefined;
  };
  const startIdle = (on: Socket): void => {
    stopIdle();
    if (clocks.idleMs === 0 || clocks.idleMs >= 2 ** 31 || ended) return;
    socket = on;
    on.setTimeout(clocks.idleMs);
    on.on('timeout', onIdle);
  };

  const onSocket = (opened: Socket): void => {
    wire = opened;
    const onOpen = (): void => {
      sent = true;
      if (!hasBody || request === undefined || request.writableFinished) return;
      clearTimeout(headersTimer);
      // axios sets the socket's timeout to 0 in a listener that runs after this one.
      process.nextTick(() => {
        if (request?.writableFinished === false && !request.destroyed) startIdle(opened);
      });
    };
    const secure = (opened as Partial<TLSSocket>).encrypted === true;
    const pending = opened.connecting || (opened as { secureConnecting?: boolean }).secureConnecting === true;
    if (pending) opened.once(secure ? 'secureConnect' : 'connect', onOpen);
    else onOpen();
  };

  return {
    transport: {
      request: (options, onResponse) => {
        // Called as a method of the module, so that test tools which replace it are seen.
        const module = options.protocol === 'https:' ? https : http;
        const asked = target === undefined ? options : { ...options, path: target };
        const made = module.request(asked, (response) => {
          clearTimeout(headersTimer);
          sent = true;
          answered = true;
          startIdle(response.socket);
          // Before the agent takes the socket back, which happens in the next tick.
          response.once('end', stopIdle);
          onResponse(response);
        });
        request = made;
        made.once('socket', onSocket);
        // A 101 that nobody asked for: without a listener Node drops the connection and says nothing.
        made.once('upgrade', (_, upgraded: Socket) => {
          sent = true;
          upgraded.destroy();
          // Destroyed it is already, and would not tell.
          made.emit('error', Object.assign(new Error('upgraded'), { code: 'HPE_UNEXPECTED_UPGRADE' }));
        });
        made.once('finish', () => {
          written = true;
          onFinished();
          if (answered) return;
          stopIdle();
          startHeaders();
        });
        startHeaders();
        return made;
      },
    },
    signal: {
      get aborted() {
        return aborted;
      },
      addEventListener: (_, listener) => void listeners.add(listener),
      removeEventListener: (_, listener) => void listeners.delete(listener),
    },
    sent: () => sent,
    brokenWrite: async () => {
      const [writing, on] = [request, wire];
      if (writing === undefined || on === undefined || written) return undefined;
      // A quick answer is parsed before Node hears that the last write is through.
      if (!on.destroyed && !writing.writableFinished) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, lastWriteMs);
          const over = (): void => {
            clearTimeout(timer);
            resolve();
          };
          writing.once('finish', over);
          on.once('close', over);
        });
      }
      // A socket that is closed right after the answer: that the last write was through may be told in the next turn only.
      if (on.destroyed && !hasFinished()) await new Promise((resolve) => setImmediate(resolve));
      // `writableFinished` says true of a socket that failed.
      return failedWrite(on) ?? (on.destroyed && !hasFinished() ? new Error('closed') : undefined);
    },
    timedOut: () => timedOut,
    holdWhile: (held) => {
      isHeld = held;
    },
    resumed: () => {
      socket?.setTimeout(clocks.idleMs);
    },
    end: () => {
      ended = true;
      forget();
      clearTimeout(headersTimer);
      stopIdle();
      // The server answered before it had read everything; the rest would go on and hold the connection.
      if (request?.writableFinished === false) request.destroy();
    },
  };
}
