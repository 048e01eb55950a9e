import { ask, fieldsOf, namesOf, refusalOf } from '../../probe/ask';
import type { Probe } from '../../probe/probe';
import { differs, holds, Untested, untested } from '../../probe/probe';
import { credentialsOf } from '../credentials-of';
import type { RawKey } from '../raw-session';
import { keyIn } from '../raw-session';

import type { MdLab } from './lab';

const NO_LOGIN = 'No user name and password were given (MDMFT_USERNAME, MDMFT_PASSWORD).';
/** Life of the key that is made to expire, and how long is waited for it. */
const SHORT_LIFE_MS = 5_000;
const WAIT_MS = 7_000;

/** Logging in, extending, and what a dead key is answered. */
export const sessionProbes: readonly Probe<MdLab>[] = [
  {
    number: 1,
    question: 'what stands between user name and password in a login',
    run({ login, loginAnswer, loginRefusal = '' }) {
      if (login === undefined) return untested(NO_LOGIN);
      if ('guestPin' in login) return untested('Guests log in with a pin alone.');
      if (loginAnswer === undefined)
        return differs(
          `The login with ${login.separator === 'crlf' ? 'CR LF' : 'a colon'} was refused: ${loginRefusal}. If user name and password are right, this server wants the other form; it is not tried by itself, since refused logins are counted.`,
        );
      return login.separator === 'crlf'
        ? holds('CR LF')
        : differs('A colon works; the default, CR LF, was not tried.');
    },
  },
  {
    number: 2,
    question: 'shape of the answer to a login',
    run({ login, loginAnswer }) {
      if (login === undefined) return untested(NO_LOGIN);
      if (loginAnswer === undefined) return untested('The login was refused.');
      const fields = fieldsOf(loginAnswer);
      if (typeof fields['token'] === 'string' && typeof fields['expires'] === 'string')
        return holds(namesOf(loginAnswer));
      return differs(
        `${namesOf(loginAnswer)} instead of { token, expires, user_id }; the client reads both.`,
      );
    },
  },
  {
    number: 3,
    question: 'does extending a session replace its key',
    async run(lab) {
      const { key } = await secondSession(lab);
      const answer = await extend(lab, key);
      if (!answer.ok) return differs(`The extension was refused: ${refusalOf(answer)}.`);
      const extended = keyIn(answer.body);
      lab.run.secrets.keep(extended.key);
      lab.undo.add('a session', () => endSession(lab, extended.key));
      const works = await statusWith(lab, extended.key, '/version');
      if (works !== 200) return differs(`The key that came back is answered HTTP ${String(works)}.`);
      if (extended.key === key) return holds('The key stays the same.');
      const old = await statusWith(lab, key, '/version');
      return holds(`A new key comes back, which works; the old one is answered HTTP ${String(old)}.`);
    },
  },
  {
    number: 4,
    question: 'what an expired key is answered',
    async run(lab) {
      const { key, how } = (await expiredKey(lab)) ?? (await endedKey(lab));
      const statuses = [
        await statusWith(lab, key, '/version'),
        await statusWith(lab, key, '/files/my/0/1'),
      ] as const;
      const detail = `${how}: HTTP ${String(statuses[0])} at /version, HTTP ${String(statuses[1])} at /files`;
      return statuses.every((status) => status === 401 || status === 403)
        ? holds(`${detail}.`)
        : differs(`${detail}; expected 401 or 403.`);
    },
  },
];

/** A session of its own, so that the one of the run stays as it is. */
async function secondSession(lab: MdLab): Promise<RawKey> {
  const { login, loginAnswer, raw, run, undo } = lab;
  if (login === undefined) throw new Untested(NO_LOGIN);
  // One refused login is enough.
  if (loginAnswer === undefined) throw new Untested('The login was refused.');
  const basic = Buffer.from(credentialsOf(login), 'utf8').toString('base64');
  const answer = await ask(
    raw,
    { method: 'GET', path: '/authenticate', auth: 'none', headers: { authorization: `Basic ${basic}` } },
    run.signal,
  );
  if (!answer.ok) throw new Untested(`A second session was refused: ${refusalOf(answer)}.`);
  const session = keyIn(answer.body);
  run.secrets.keep(session.key);
  undo.add('a session', () => endSession(lab, session.key));
  return session;
}

const bearer = (key: string) => ({ auth: 'none', headers: { authorization: `Bearer ${key}` } }) as const;

const extend = (lab: MdLab, key: string) =>
  ask(lab.raw, { method: 'PUT', path: '/token', ...bearer(key) }, lab.run.signal);

const endSession = (lab: MdLab, key: string) =>
  ask(lab.raw, { method: 'DELETE', path: '/authenticate', ...bearer(key) });

async function statusWith(lab: MdLab, key: string, path: string): Promise<number> {
  return (await ask(lab.raw, { method: 'GET', path, ...bearer(key) }, lab.run.signal)).status;
}

type DeadKey = { readonly key: string; readonly how: string };

/** One that ran out: only administrators can make it. */
async function expiredKey(lab: MdLab): Promise<DeadKey | undefined> {
  const { raw, run, tag } = lab;
  const expires = new Date(run.now() + SHORT_LIFE_MS).toISOString();
  const json = { expires, description: tag };
  const answer = await ask(raw, { method: 'POST', path: '/token', body: { json } }, run.signal);
  if (!answer.ok) return undefined;
  const made = keyIn(answer.body);
  run.secrets.keep(made.key);
  // Deleted as well, should the server have given it a longer life than was asked for.
  lab.undo.add('an API key', () => endSession(lab, made.key));
  await run.sleep(WAIT_MS, run.signal);
  return { key: made.key, how: 'A key past its end' };
}

async function endedKey(lab: MdLab): Promise<DeadKey> {
  if (lab.login === undefined || lab.loginAnswer === undefined)
    throw new Untested(
      'This key may not make others, and no user name and password were given: there is no key to expire.',
    );
  const { key } = await secondSession(lab);
  const ended = await endSession(lab, key);
  if (!ended.ok) throw new Untested(`A session could not be ended: ${refusalOf(ended)}.`);
  return { key, how: 'The key of a session that was ended (none could be made to run out)' };
}
