import { randomBytes } from 'node:crypto';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { SeededRandom } from './faults/seeded-random';
import { createSeededRandom } from './faults/seeded-random';
import type { Direction, Place, ProxyFault, ProxyRule } from './fault-proxy/proxy-fault';
import { pump } from './fault-proxy/pump';
import type { Script } from './script';
import { createScriptBook } from './script';

/** What stands between, and where. */
export interface FaultProxyOptions {
  /** `http://127.0.0.1:8080` (any scheme; only host and port count) or `{ host, port }`. */
  readonly target: string | { readonly host: string; readonly port: number };
  /** What is left to chance is drawn from it. Default: random, see `seed`. */
  readonly seed?: string | number;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
}

/** A running proxy. */
export interface FaultProxy extends Script<ProxyRule> {
  readonly port: number;
  /** The target's URL by way of the proxy: `http://127.0.0.1:port`. */
  readonly url: string;
  readonly seed: string | number;
  /** Accepted so far. */
  readonly connections: number;
  /** Moved so far; `up` is towards the target. */
  readonly bytes: Readonly<Record<Direction, number>>;
  /** Resets all connections that are open now. */
  resetAll(): void;
  close(): Promise<void>;
}

/**
 * Puts a bad line between a client and any TCP server: TLS too, since it looks at no byte. Rules hold for connections
 * that are opened after they were added; all that fit a connection apply to it.
 *
 * @throws RangeError where the target is no address; Error of `node:net` where the port is taken.
 * @example
 * const line = await startFaultProxy({ target: gateway.url, seed: 7 });
 * line.add({ fault: { kind: 'cut', direction: 'down', afterBytes: 1000 }, times: 1 });
 * await yourCode(line.url); // its first answer ends after 1,000 bytes
 * await line.close();
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { host = '127.0.0.1', seed = randomBytes(6).toString('hex') } = options;
  const target = readTarget(options.target);
  const script = createScriptBook<ProxyRule, SeededRandom>(
    'line',
    ({ probability = 1 }, random) => probability === 1 || random.next() < probability,
  );
  const bytes: Record<Direction, number> = { up: 0, down: 0 };
  const sockets = new Set<Socket>();
  let connections = 0;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    connections += 1;
    const random = createSeededRandom(seed, `connection ${String(connections)}`);
    const upstream = connect({ ...target, allowHalfOpen: true, noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // What one side lost the other one loses too, in the same way.
      const other = socket === client ? upstream : client;
      socket.on('error', () => other.resetAndDestroy());
    }
    const faults = script.followAll(random).map(({ fault }) => settled(fault, random));
    const count = (direction: Direction) => (moved: number) => void (bytes[direction] += moved);
    void pump({ direction: 'up', from: client, to: upstream, faults, moved: count('up') });
    void pump({ direction: 'down', from: upstream, to: client, faults, moved: count('down') });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port: options.port ?? 0 }, resolve);
  });
  const { port } = server.address() as AddressInfo;

  function resetAll(): void {
    for (const socket of sockets) socket.resetAndDestroy();
  }

  return {
    port,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`,
    seed,
    bytes,
    get connections() {
      return connections;
    },
    add: (rule) => script.add(rule),
    get active() {
      return script.active;
    },
    clear: () => script.clear(),
    resetAll,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      resetAll();
      await closed;
    },
  };
}

/** A fault whose place is a number, drawn where it was a range. */
function settled(fault: ProxyFault, random: SeededRandom): ProxyFault {
  if (!('afterBytes' in fault) || typeof fault.afterBytes !== 'object') return fault;
  const { from, to }: Exclude<Place, number> = fault.afterBytes;
  return { ...fault, afterBytes: from + Math.floor(random.next() * (to - from + 1)) };
}

function readTarget(target: FaultProxyOptions['target']): { readonly host: string; readonly port: number } {
  if (typeof target !== 'string') return target;
  const url = URL.canParse(target) ? new URL(target) : undefined;
  const port = Number(url?.port) || { 'http:': 80, 'https:': 443 }[url?.protocol ?? ''];
  if (url === undefined || port === undefined)
    throw new RangeError(`A target is a URL with host and port, not ${target}.`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}
