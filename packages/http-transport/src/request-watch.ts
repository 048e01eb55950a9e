import http from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Clocks } from './operation';

/** Watches one try on the wire: whether it can have been sent, and the clocks for headers and for idleness. */
export interface RequestWatch {
  /** What axios sends by, in place of node:http. */
  readonly transport: {
    request(options: RequestOptions, onResponse: (response: IncomingMessage) => void): ClientRequest;
  };
  /** False only while the connection, TLS included, provably was not there. */
  sent(): boolean;
  timedOut(): 'headers' | 'idle' | undefined;
  /** Tells when the reader of the answer is the slow one; the idle clock does not run then. */
  holdWhile(isHeld: () => boolean): void;
  /** The reader reads again: the idle clock starts anew. */
  resumed(): void;
  /** The try is over: clocks off, and a request that is still being written is torn down. */
  end(): void;
}

/**
 * The idle clock is the socket's own: Node restarts it for every byte that moves, also inside of one large write.
 * axios' `timeout` is not used; it ends an upload that is moving, and never sees a body that trickles.
 */
export function watchRequest(clocks: Clocks, hasBody: boolean, onFinished?: () => void): RequestWatch {
  let request: ClientRequest | undefined;
  let socket: Socket | undefined;
  let sent = false;
  let timedOut: 'headers' | 'idle' | undefined;
  let isHeld = (): boolean => false;
  let headersTimer: NodeJS.Timeout | undefined;
  let answered = false;
  let ended = false;

  const stop = (clock: 'headers' | 'idle'): void => {
    timedOut ??= clock;
    request?.destroy(new Error(`the ${clock} clock ran out`));
  };
  const startHeaders = (): void => {
    clearTimeout(headersTimer);
    if (clocks.headersMs > 0 && !ended) headersTimer = setTimeout(() => stop('headers'), clocks.headersMs);
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
    if (clocks.idleMs === 0 || ended) return;
    socket = on;
    on.setTimeout(clocks.idleMs);
    on.on('timeout', onIdle);
  };

  const onSocket = (opened: Socket): void => {
    const onOpen = (): void => {
      sent = true;
      if (!hasBody || request === undefined || request.writableFinished) return;
      clearTimeout(headersTimer);
      // axios sets the socket's timeout to 0 in a listener that runs after this one.
      process.nextTick(() => {
        if (request?.writableFinished === false && request.destroyed === false) startIdle(opened);
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
        const made = module.request(options, (response) => {
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
        made.once('finish', () => {
          onFinished?.();
          if (answered) return;
          stopIdle();
          startHeaders();
        });
        startHeaders();
        return made;
      },
    },
    sent: () => sent,
    timedOut: () => timedOut,
    holdWhile: (held) => {
      isHeld = held;
    },
    resumed: () => {
      socket?.setTimeout(clocks.idleMs);
    },
    end: () => {
      ended = true;
      clearTimeout(headersTimer);
      stopIdle();
      // The server answered before it had read everything; the rest would go on and hold the connection.
      if (request?.writableFinished === false) request.destroy();
    },
  };
}
