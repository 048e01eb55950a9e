import { randomUUID } from 'node:crypto';
import type { As2GatewayClient, InboxMessage } from '@mft-bridge/as2-gateway-client';
import type { Transport } from '@mft-bridge/http-transport';
import { createTransport, staticSession } from '@mft-bridge/http-transport';
import type { Answer, Question } from '../../probe/ask';
import { ask } from '../../probe/ask';
import { Untested } from '../../probe/probe';
import { createUndoList } from '../../probe/undo-list';
import type { UndoList } from '../../probe/undo-list';
import { createTraffic } from '../../probe/watch-traffic';
import type { Traffic } from '../../probe/watch-traffic';
import { cliVersion } from '../../program';
import type { Run } from '../../run-command';
import type { As2gwOptions, GatewayTarget } from '../connection';
import type { GatewayAuth } from '../gateway-auth';
import type { As2LabStart } from './as2-lab-start';
import type { ProbeMessages } from './probe-messages';
import { createProbeMessages } from './probe-messages';

/** Everything that the probes share. */
export interface As2Lab extends As2LabStart {
  readonly run: Run;
  readonly auth: GatewayAuth;
  /** In the subject of all that is sent. */
  readonly tag: string;
  /** The answer to the login; holds secrets. */
  readonly login: Answer;
  /** The access token; undefined where the login was refused. */
  readonly token: string | undefined;
  readonly client: As2GatewayClient;
  readonly messages: ProbeMessages;
  readonly undo: UndoList;
  readonly traffic: Traffic;
  /** Asks with the token and `service=as2`. */
  asked(question: Question): Promise<Answer>;
  /** Logs in once more. */
  authorize(): Promise<Answer>;
  close(): Promise<void>;
}

export async function createAs2Lab(
  run: Run,
  options: As2gwOptions,
  { url, auth, egress, open }: GatewayTarget,
  start: As2LabStart,
): Promise<As2Lab> {
  const traffic = createTraffic();
  const undo = createUndoList(run);
  const transport = (token?: string): Transport => {
    const made = createTransport({
      baseUrl: url,
      egress,
      allowInsecureHttp: options.insecureHttp,
      userAgent: `as2gw-probe/${cliVersion}`,
      limit: { perSecond: 5, burst: 10 },
      now: run.now,
      sleep: run.sleep,
      ...(token === undefined ? {} : { session: staticSession({ name: 'authorization', value: token }) }),
    });
    traffic.watch(made);
    return made;
  };
  const bare = transport();
  const authorize = (): Promise<Answer> =>
    ask(bare, { method: 'POST', path: '/authorize', body: { json: bodyOf(auth) } }, run.signal);
  const login = await authorize();
  const token = tokenIn(login, run);
  const authorized = transport(token);
  const client = open();
  traffic.watch(client);
  // They would be printed as warnings; what they are about is what the probes report.
  client.on('deprecation', () => undefined);
  client.on('hint', () => undefined);
  const asked = (question: Question): Promise<Answer> =>
    ask(authorized, { ...question, query: { service: 'as2', ...question.query } }, run.signal);
  const tag = `mft-probe-${randomUUID().slice(0, 8)}`;

  return {
    ...start,
    run,
    auth,
    tag,
    login,
    token,
    client,
    messages: createProbeMessages(run, { ...start, tag, client, undo, asked }),
    undo,
    traffic,
    asked,
    authorize,
    async close() {
      await Promise.all([bare.close(), authorized.close(), client.close()]);
    },
  };
}

/** The access token under either of its names. */
export function tokenIn({ ok, body }: Answer, { secrets }: Run): string | undefined {
  if (!ok || typeof body !== 'object' || body === null) return undefined;
  const fields = body as Record<string, unknown>;
  for (const name of ['refreshToken', 'refresh_token']) {
    const value = fields[name];
    if (typeof value === 'string') secrets.keep(value);
  }
  const token = fields['apiToken'] ?? fields['api_token'];
  return typeof token === 'string' && token !== '' ? secrets.keep(token) : undefined;
}

/** A message to oneself in the inbox, where `--to` is a partner that leads back to us. */
export async function ownInboxMessage(lab: As2Lab): Promise<InboxMessage> {
  const message = await lab.messages.cameBack();
  if (message === undefined)
    throw new Untested(
      'No message of our own came back into the inbox: --to must be a partner that is a station of yours.',
    );
  return message;
}

const bodyOf = (auth: GatewayAuth) =>
  'tokenId' in auth
    ? { tokenID: auth.tokenId, tokenSecret: auth.tokenSecret }
    : { username: auth.username, password: auth.password };
