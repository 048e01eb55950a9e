import { createTransport } from '@mft-bridge/http-transport';
import { egressOf } from '../../credentials/connection-options';
import { ask, fieldsOf, refusalOf } from '../../probe/ask';
import type { Run } from '../../run-command';
import type { Login } from '../choose-auth';
import type { MdmftOptions } from '../mdmft-options';
import { credentialsOf } from '../credentials-of';
import { keyIn } from '../raw-session';

/** The session that a run of probes begins with. */
export interface ProbeSession {
  /** A secret. */
  readonly key: string;
  /** As it came; holds the key. */
  readonly answer: unknown;
  end(): Promise<void>;
}

/** Either a session, or what the server said instead. */
export type LoginTry = { readonly session: ProbeSession } | { readonly refusal: string };

/** Logs in once, in one form: refused logins are counted. Throws only where no answer came. */
export async function beginSession(
  run: Run,
  options: MdmftOptions,
  url: string,
  login: Login,
): Promise<LoginTry> {
  const raw = createTransport({
    baseUrl: url,
    operationsPrefix: '/vault_rest',
    egress: await egressOf(run, options, 'MDMFT_PROXY'),
    allowInsecureHttp: options.insecureHttp,
    now: run.now,
    sleep: run.sleep,
  });
  const authenticate = (method: 'GET' | 'DELETE', authorization: string, signal?: AbortSignal) =>
    ask(raw, { method, path: '/authenticate', headers: { authorization } }, signal);
  try {
    const basic = Buffer.from(credentialsOf(login), 'utf8').toString('base64');
    const answer = await authenticate('GET', `Basic ${basic}`, run.signal);
    const key = answer.ok ? keyOrNone(answer.body) : undefined;
    if (key === undefined) {
      await raw.close();
      return {
        refusal: answer.ok ? `HTTP 200 without a session${resultIn(answer.body)}` : refusalOf(answer),
      };
    }
    run.secrets.keep(key);
    const end = async (): Promise<void> => {
      // Also after Ctrl-C: no signal.
      await authenticate('DELETE', `Bearer ${key}`);
      await raw.close();
    };
    return { session: { key, answer: answer.body, end } };
  } catch (error) {
    await raw.close();
    throw error;
  }
}

function keyOrNone(body: unknown): string | undefined {
  try {
    return keyIn(body).key;
  } catch {
    return undefined;
  }
}

function resultIn(body: unknown): string {
  const result = fieldsOf(body)['Result'] ?? fieldsOf(body)['result'];
  return typeof result === 'string' && /^\w{1,60}$/.test(result) ? ` (${result})` : '';
}
