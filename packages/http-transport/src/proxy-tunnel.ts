import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { errorCodeOf } from './try-problem';
import { TunnelError } from './tunnel-error';

export interface ProxyTunnels {
  /** A socket that reaches `host:port` through the proxy; nothing was sent over it yet. */
  open(host: string, port: number): Promise<Socket>;
  close(): void;
}

const answerLimit = 16 * 1024;

const isCertificateProblem = (error: unknown): boolean =>
  /CERT|SIGNATURE|SELF_SIGNED/.test(errorCodeOf(error) ?? '');

/** Reads the answer to CONNECT; what came behind it goes back into the socket. */
function awaitAnswer(socket: Socket, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    const finish = (error?: TunnelError): void => {
      clearTimeout(timer);
      socket.removeListener('readable', onReadable);
      socket.removeListener('error', onGone);
      socket.removeListener('close', onClose);
      if (error === undefined) {
        resolve();
        return;
      }
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    const onGone = (error?: unknown): void => {
      if (head.length > 0) finish(new TunnelError('PROXY_GARBLED'));
      else if (isCertificateProblem(error)) finish(new TunnelError('PROXY_UNTRUSTED'));
      else finish(new TunnelError('PROXY_UNREACHABLE'));
    };
    const onClose = (): void => onGone();
    const onChunk = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) {
        if (head.length > answerLimit) finish(new TunnelError('PROXY_GARBLED'));
        return;
      }
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(head.toString('latin1', 0, 16))?.[1];
      if (status === undefined) finish(new TunnelError('PROXY_GARBLED'));
      else if (status === '407') finish(new TunnelError('PROXY_AUTH_REQUIRED'));
      else if (!status.startsWith('2')) finish(new TunnelError('PROXY_REFUSED'));
      else {
        finish();
        if (head.length > end + 4) socket.unshift(head.subarray(end + 4));
      }
    };
    // By 'readable': a 'data' listener would leave the socket flowing, or paused for good, for its next owner.
    const onReadable = (): void => {
      const chunk = socket.read() as Buffer | null;
      if (chunk !== null) onChunk(chunk);
    };
    const timer = setTimeout(() => finish(new TunnelError('PROXY_TIMEOUT')), timeoutMs);
    socket.on('readable', onReadable);
    socket.on('error', onGone);
    socket.on('close', onClose);
  });
}

/**
 * CONNECT through a proxy, for https and for plain http alike, so that the proxy never sees a request with its token.
 * Own code, because the common agents hand the proxy's refusal on as if the service had answered it.
 */
export function createProxyTunnels(proxy: URL, tls: ConnectionOptions, timeoutMs = 30_000): ProxyTunnels {
  const opening = new Set<Socket>();
  const port = Number(proxy.port) || (proxy.protocol === 'https:' ? 443 : 80);
  const host = proxy.hostname.replace(/^\[|\]$/g, '');
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const authorization =
    user === ':' ? '' : `Proxy-Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`;

  return {
    open: async (targetHost, targetPort) => {
      const socket =
        proxy.protocol === 'https:'
          ? connectTls({ ...tls, host, port, ...(/[a-z]/i.test(host) ? { servername: host } : {}) })
          : connect({ host, port });
      opening.add(socket);
      try {
        socket.setNoDelay(true);
        const target = `${targetHost.includes(':') ? `[${targetHost}]` : targetHost}:${targetPort}`;
        socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${authorization}\r\n`);
        await awaitAnswer(socket, timeoutMs);
        return socket;
      } finally {
        opening.delete(socket);
      }
    },
    close: () => {
      for (const socket of opening) socket.destroy();
    },
  };
}
