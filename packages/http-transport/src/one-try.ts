import axios from 'axios';
import type { InternalAxiosRequestConfig, RawAxiosResponseHeaders } from 'axios';
import type { Readable } from 'node:stream';
import { Interrupted, unlessInterrupted } from './abortable';
import type { CallScope } from './call-scope';
import type { ConnectionAgents } from './connection-agents';
import type { PlannedRequest } from './planned-request';
import { readBody } from './read-body';
import type { WholeBody } from './read-body';
import type { HeaderMap } from './redaction';
import type { RunningBody } from './resume-download';
import { SourceFailed } from './request-body';
import type { OpenBody } from './request-body';
import { watchRequest } from './request-watch';
import type { RequestWatch } from './request-watch';
import type { SessionHeader } from './session';
import { errorCodeOf, TryFailure } from './try-problem';
import type { TryProblem } from './try-problem';

export interface TryAnswer {
  readonly status: number;
  readonly headers: HeaderMap;
  /** The whole body, or the running stream of a download with the watch that must be ended with it. */
  readonly body: Buffer | RunningBody;
}

export interface OneTry {
  readonly plan: PlannedRequest;
  readonly scope: CallScope;
  readonly agents: ConnectionAgents;
  readonly header: SessionHeader | undefined;
  readonly maxResponseBytes: number;
  /** axios-retry's handle on this try. */
  readonly config: object;
}

/** The most of an error's body that is read. */
const errorBodyBytes = 64 * 1024;

function plainHeaders(headers: RawAxiosResponseHeaders): HeaderMap {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== null && value !== undefined) plain[name.toLowerCase()] = String(value);
  }
  return plain;
}

/** The source of a body is the caller's, and may never come: no longer than the call is it waited for. */
function openBody(plan: PlannedRequest, scope: CallScope): Promise<OpenBody> | undefined {
  const opening = plan.body?.open(plan.onSent);
  if (opening === undefined || plan.body?.foreign === false) return opening;
  return unlessInterrupted(opening, scope, (late) => late.dispose());
}

/** What ended the try, in the order of how sure we are of it. */
function problemOf(
  error: unknown,
  watch: RequestWatch,
  body: OpenBody | undefined,
  status?: number,
): TryProblem {
  const source = body?.failure() ?? (error instanceof SourceFailed ? error : undefined);
  if (source !== undefined) return { kind: 'source', failure: source.failure, sent: watch.sent() };
  const clock = watch.timedOut();
  if (clock !== undefined) return { kind: 'timeout', clock, sent: watch.sent() };
  const code = errorCodeOf(error);
  if (status === undefined) return { kind: 'connection', sent: watch.sent(), code };
  // zlib's codes: the bytes came, and are not what Content-Encoding says.
  if (code?.startsWith('Z_') === true) return { kind: 'unreadable', status, why: 'encoding' };
  return { kind: 'cut', status, code };
}

/**
 * Sends one request by axios' own http adapter and reads its answer. Redirects are off: with them axios buffers
 * uploads (1 GiB: 1,097 MB resident against 101 MB), and they lead to hosts nobody checked. `proxy: false`, because
 * axios would read `http_proxy` from the environment and hand that proxy the bearer token in clear.
 */
export async function oneTry(options: OneTry): Promise<TryAnswer> {
  const { plan, scope, agents, header, config } = options;
  const send = axios.getAdapter('http');
  let body: OpenBody | undefined;
  let status: number | undefined;
  let handedOut = false;
  const watch = watchRequest({
    clocks: plan.clocks,
    hasBody: plan.body !== undefined,
    target: plan.target,
    scope,
    onFinished: () => {
      if (Buffer.isBuffer(body?.data)) plan.onSent?.(body.data.length);
    },
  });
  const interrupted = (): boolean => scope.interruption() !== undefined;
  try {
    body = await openBody(plan, scope);
    if (interrupted()) throw new Interrupted();
    const agent = agents.pick(plan.url, plan.agent);
    const response = await send({
      url: plan.url.href,
      method: plan.facts.method,
      headers: {
        ...plan.headers,
        ...(header === undefined ? {} : { [header.name.toLowerCase()]: header.value }),
      },
      data: body?.data,
      responseType: 'stream',
      decompress: plan.mode === 'whole',
      maxRedirects: 0,
      proxy: false,
      httpAgent: agent,
      httpsAgent: agent,
      transport: watch.transport,
      signal: watch.signal,
      validateStatus: null,
    } as unknown as InternalAxiosRequestConfig);
    status = response.status;
    const stream = response.data as Readable;
    const headers = plainHeaders(response.headers);
    if (status < 200 || status > 299) {
      const { bytes, truncated } = await readBody(stream, errorBodyBytes).catch(
        // The status is what matters; a body that breaks off must not turn a 403 into a connection error.
        (): WholeBody => ({ bytes: Buffer.alloc(0), truncated: false }),
      );
      if (interrupted()) throw new Interrupted(true);
      throw new TryFailure({ kind: 'status', status, headers, body: bytes, truncated }, config);
    }
    // Handed on as if it were the file, a part that nobody asked for would be a file cut short, with a length that fits.
    if (status === 206 && !plan.part && plan.mode === 'stream') {
      stream.destroy();
      throw new TryFailure({ kind: 'unreadable', status, why: 'part' }, config);
    }
    if (plan.mode === 'stream') {
      handedOut = true;
      return { status, headers, body: { stream, watch } };
    }
    const { bytes, truncated } = await readBody(stream, options.maxResponseBytes);
    if (truncated) throw new TryFailure({ kind: 'unreadable', status, why: 'too-large' }, config);
    // A success of which the server has only read the beginning is none.
    const broken = plan.body === undefined ? undefined : await watch.brokenWrite();
    if (broken !== undefined)
      throw new TryFailure({ kind: 'connection', sent: true, code: errorCodeOf(broken) }, config);
    return { status, headers, body: bytes };
  } catch (error) {
    if (error instanceof TryFailure || error instanceof Interrupted) throw error;
    if (interrupted()) throw new Interrupted(watch.sent());
    // Whatever axios threw ends here: it carries headers, body and agents of the request.
    throw new TryFailure(problemOf(error, watch, body, status), config);
  } finally {
    if (!handedOut) {
      watch.end();
      body?.dispose();
    }
  }
}
