import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { loadConfig } from '../config/load';
import type { BridgeConfig } from '../config/schema';
import type { CommandContext } from './command-context';
import { CommandError } from './command-context';

/** An answer of the running bridge. */
export interface ApiAnswer {
  readonly status: number;
  /** Parsed JSON. */
  readonly body: unknown;
}

export interface PrivateApi {
  /** @throws CommandError where no bridge answers, or it does not know the token */
  call(method: 'GET' | 'POST', path: string, body?: object): Promise<ApiAnswer>;
}

/** How long the bridge may take for one answer. */
const answerWithinMs = 30_000;

/** The API of the bridge that runs on this configuration: only it may write its ledger. @throws CommandError */
export async function openPrivateApi(file: string, { env }: CommandContext): Promise<PrivateApi> {
  const { web } = await loadConfig(file, env, { secrets: 'if-there' });
  const { token, port } = web.private;
  if (port === 0)
    throw new CommandError(
      'web.private.port is 0, which takes any free port: set it to a fixed one, so that the running bridge can be found.',
    );
  if (!token.wasRead)
    throw new CommandError(
      'The token of web.private.token cannot be read here. Run this as a user who may read it, or set its environment variable.',
    );
  const address = `http://${reachable(web.private)}:${String(port)}`;
  return { call: (method, path, body) => call(`${address}${path}`, { method, body, token: token.reveal() }) };
}

/** An address to listen on for all is none to call. */
function reachable({ host }: BridgeConfig['web']['private']): string {
  const called = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return called.includes(':') ? `[${called}]` : called;
}

async function call(
  url: string,
  { method, body, token }: { method: string; body?: object | undefined; token: string },
): Promise<ApiAnswer> {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  // An agent of its own: the common one may be told by the environment to hand the token to a proxy.
  const agent = new Agent();
  try {
    return await new Promise<ApiAnswer>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        ...(sent === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
      };
      const signal = AbortSignal.timeout(answerWithinMs);
      const outgoing = request(url, { method, headers, agent, signal }, (incoming) => {
        json(incoming).then((parsed) => resolve({ status: incoming.statusCode ?? 0, body: parsed }), reject);
      });
      outgoing.on('error', reject);
      outgoing.end(sent);
    });
  } catch (error) {
    const { origin } = new URL(url);
    throw new CommandError(
      `No bridge answers at ${origin} (${describe(error)}). Start it with "mft-bridge start": the running bridge carries this out.`,
    );
  } finally {
    agent.destroy();
  }
}

function describe(error: unknown): string {
  if (error instanceof SyntaxError) return 'something else listens there';
  if (error instanceof Error && error.name === 'AbortError') return 'it did not answer in time';
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
