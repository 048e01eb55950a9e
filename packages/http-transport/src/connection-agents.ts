import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { transferStep } from './counted-stream';
import { guardedLookup } from './guarded-lookup';
import { hearLastWords } from './last-words';
import { isLoopbackHost } from './public-address';
import { createProxyTunnels } from './proxy-tunnel';
import type { ProxyTunnels } from './proxy-tunnel';
import type { EgressOptions } from './transport-options';

/**
 * - `shared`: kept alive for all calls
 * - `fresh`: a connection of its own. The server may close an idle connection at the very moment in which a request is
 *   written to it; nobody can then tell whether it was read, and for an unsafe one that means a person has to look.
 * - `public`, `loopback`: for foreign URLs; connects only to addresses of that kind
 */
export type AgentUse = 'shared' | 'fresh' | 'public' | 'loopback';

export interface ConnectionAgents {
  pick(url: URL, use: AgentUse): http.Agent;
  /** Whether the name of this host is resolved by a proxy. */
  proxied(url: URL): boolean;
  close(): void;
}

/**
 * The delay that axios sets on the socket of every request. Node's own default of a second would be set again whenever the agent
 * takes the connection back: two times three system calls a request for nothing.
 */
const keepAliveProbeMs = 60_000;

/** Idle connections are given up before common servers give them up (60 s and more), see `fresh`. */
const idleConnectionMs = 15_000;

function giveUp(this: Socket): void {
  this.destroy();
}

/**
 * Bounds how long a connection is idle, and gives it up when the server speaks without having been asked. Measured:
 * Node takes such bytes for the answer to the next request (many servers say 408 to an idle connection; a proxy that
 * is one answer off would hand out the verdict on another file). What lies unread in the socket at the moment in which
 * the next request takes it cannot be told from an answer.
 */
function tendIdle(agent: http.Agent): void {
  // Typed as void, documented as "whether to keep it".
  const keep = agent.keepSocketAlive.bind(agent) as (stream: Duplex) => boolean;
  agent.keepSocketAlive = (stream) => {
    const kept = keep(stream);
    const socket = stream as Socket;
    // Node has set the server's own Keep-Alive hint by now, if there was a shorter one.
    if (!socket.timeout || socket.timeout > idleConnectionMs) socket.setTimeout(idleConnectionMs);
    socket.on('data', giveUp);
    return kept;
  };
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (stream, request) => {
    stream.removeListener('data', giveUp);
    reuse(stream, request);
  };
}

/** Connections of this agent begin with a CONNECT. Node documents createConnection as the place for that. */
function tunnel(agent: http.Agent, tunnels: ProxyTunnels, secure: boolean): void {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const done = callback as (error: Error | null, stream?: Socket) => void;
    tunnels.open(options.host ?? '', Number(options.port) || (secure ? 443 : 80)).then(
      (socket) => {
        if (!secure) done(null, socket);
        else done(null, connect({ ...options, socket } as http.RequestOptions) as Socket);
      },
      (error: unknown) => done(error as Error),
    );
    return undefined;
  };
}

/** The socket comes as the result, or by the callback. */
function listenToTheEnd(agent: http.Agent): void {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, (error, stream) => {
      if (error === null) hearLastWords(stream as Socket);
      callback?.(error, stream);
    });
    if (socket) hearLastWords(socket as Socket);
    return socket;
  };
}

function matches(pattern: string, host: string): boolean {
  const name = pattern.trim().toLowerCase();
  if (name === '*') return true;
  const below = /^\*?(\..+)$/.exec(name)?.[1];
  return below === undefined ? name === host : host.endsWith(below);
}

/**
 * The connections of `egress`, for a client that is not ours and takes Node's agents: it reads no proxy from the
 * environment then, and trusts what the others trust.
 *
 * @example
 * const agents = createConnectionAgents({ proxy: 'http://proxy.example:3128' });
 * https.request(url, { agent: agents.pick(new URL(url), 'shared') });
 */
export function createConnectionAgents(egress: EgressOptions | undefined): ConnectionAgents {
  const tls = {
    ...(egress?.ca === undefined ? {} : { ca: egress.ca as string }),
    ...(egress?.cert === undefined ? {} : { cert: egress.cert as string }),
    ...(egress?.key === undefined ? {} : { key: egress.key as string }),
    ...(egress?.passphrase === undefined ? {} : { passphrase: egress.passphrase }),
  };
  const proxy = egress?.proxy === undefined ? undefined : new URL(egress.proxy);
  // The client certificate is for the service, not for the proxy.
  const tunnels =
    proxy === undefined
      ? undefined
      : createProxyTunnels(proxy, egress?.ca === undefined ? {} : { ca: tls.ca });
  const agents = new Map<string, http.Agent>();

  const proxied = (url: URL): boolean => {
    const host = url.hostname.toLowerCase().replace(/^\[|\]$/g, '');
    return tunnels !== undefined && !(egress?.noProxy ?? []).some((pattern) => matches(pattern, host));
  };

  const make = (secure: boolean, use: AgentUse, through: ProxyTunnels | undefined): http.Agent => {
    const guarded = use === 'public' || use === 'loopback';
    const options = {
      keepAlive: use !== 'fresh' && egress?.keepAlive !== false,
      keepAliveMsecs: keepAliveProbeMs,
      ...(egress?.maxSockets === undefined ? {} : { maxSockets: egress.maxSockets }),
      highWaterMark: transferStep,
      ...(guarded && through === undefined ? { lookup: guardedLookup(use) } : {}),
    };
    // A client certificate says who we are: a foreign URL does not get it.
    const agent = secure
      ? new https.Agent({ ...options, ...(guarded ? { ca: tls.ca } : tls) })
      : new http.Agent(options);
    tendIdle(agent);
    if (through !== undefined) tunnel(agent, through, secure);
    listenToTheEnd(agent);
    return agent;
  };

  return {
    proxied,
    pick: (url, use) => {
      const secure = url.protocol === 'https:';
      // A link to this machine means this machine, never the one on which the proxy runs.
      const local = use === 'loopback' && isLoopbackHost(url.hostname);
      const through = !local && proxied(url) ? tunnels : undefined;
      const key = `${use} ${url.protocol} ${through === undefined ? 'direct' : 'proxy'}`;
      const agent = agents.get(key) ?? make(secure, use, through);
      agents.set(key, agent);
      return agent;
    },
    close: () => {
      tunnels?.close();
      for (const agent of agents.values()) agent.destroy();
    },
  };
}
