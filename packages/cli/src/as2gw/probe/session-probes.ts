import { fieldsOf, namesOf, refusalOf } from '../../probe/ask';
import type { Probe } from '../../probe/probe';
import { differs, holds, untested } from '../../probe/probe';
import type { As2Lab } from './lab';
import { tokenIn } from './lab';

/** Logging in, and what tokens are answered. */
export const sessionProbes: readonly Probe<As2Lab>[] = [
  {
    number: 1,
    question: "names of an API token's two fields",
    run({ auth, login, token }) {
      if (!('tokenId' in auth)) return untested('No API token was given.');
      return token !== undefined
        ? holds('tokenID, tokenSecret')
        : differs(
            `A login with tokenID and tokenSecret is answered ${login.ok ? namesOf(login.body) : refusalOf(login)}. If the token is right, these are not the names.`,
          );
    },
  },
  {
    number: 2,
    question: 'answer to a login, and the unit of its expiry',
    run({ login, token, run }) {
      const fields = fieldsOf(login.body);
      const seen = `${namesOf(login.body)}${expiryOf(fields['apiTokenExpiryIn'], token, run.now())}`;
      return typeof fields['apiToken'] === 'string'
        ? holds(seen)
        : differs(`${seen} instead of { apiToken, refreshToken }; the client reads both.`);
    },
  },
  {
    number: 3,
    question: 'is "Bearer" before the token accepted',
    async run(lab) {
      const plain = await inboxWith(lab, undefined);
      if (plain !== 200) return differs(`The raw token is answered HTTP ${String(plain)}.`);
      const bearer = await inboxWith(lab, `Bearer ${lab.token ?? ''}`);
      return bearer === 200
        ? differs('The raw token works, and with "Bearer" before it, too.')
        : holds(`No (HTTP ${String(bearer)}); the raw token works.`);
    },
  },
  {
    number: 4,
    question: 'what a token that is no longer good is answered',
    async run(lab) {
      // An hour would have to pass for a real one: this one is damaged.
      const status = await inboxWith(lab, `${(lab.token ?? '').slice(0, -6)}AAAAAA`);
      const detail = `A damaged one: HTTP ${String(status)}.`;
      return status === 401 || status === 403 ? holds(detail) : differs(`${detail} Expected 401 or 403.`);
    },
  },
  {
    number: 5,
    question: 'can a session be refreshed',
    async run(lab) {
      // A session of its own: should a refresh end the old one, the run goes on.
      const again = await lab.authorize();
      tokenIn(again, lab.run);
      const fields = fieldsOf(again.body);
      const refreshToken = fields['refreshToken'] ?? fields['refresh_token'];
      if (typeof refreshToken !== 'string')
        return 'tokenId' in lab.auth
          ? holds('A session of an API token comes without a refresh token.')
          : differs('The login gives no refresh token.');
      const username = 'tokenId' in lab.auth ? lab.auth.tokenId : lab.auth.username;
      const answer = await lab.asked({
        method: 'POST',
        path: '/refresh-session',
        auth: 'none',
        body: { json: { username, refreshToken } },
      });
      tokenIn(answer, lab.run);
      if ('tokenId' in lab.auth)
        return answer.ok
          ? differs('A session of an API token can be refreshed, with the token id for a user name.')
          : holds(`One of an API token cannot (${refusalOf(answer)}): the client logs in anew.`);
      return answer.ok ? holds('Yes.') : differs(`No: ${refusalOf(answer)}. The client logs in anew.`);
    },
  },
];

/** HTTP status of a small list; with a header of its own, or as the run asks everything. */
async function inboxWith(lab: As2Lab, authorization: string | undefined): Promise<number> {
  const answer = await lab.asked({
    method: 'GET',
    path: '/message/inbox',
    query: { pageLength: 1 },
    ...(authorization === undefined ? {} : { auth: 'none', headers: { authorization } }),
  });
  return answer.status;
}

function expiryOf(value: unknown, token: string | undefined, now: number): string {
  if (typeof value !== 'number') return '';
  const ends = expOf(token);
  if (ends === undefined) return `; apiTokenExpiryIn is ${String(value)}`;
  const left = ends - now / 1000;
  const unit =
    Math.abs(value - left) < 120
      ? 'seconds'
      : Math.abs(value / 1000 - left) < 120
        ? 'milliseconds'
        : 'not the life of the token';
  return `; apiTokenExpiryIn is ${String(value)}: ${unit}`;
}

/** `exp` of a JWT, seconds since 1970. */
function expOf(token: string | undefined): number | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    return typeof claims['exp'] === 'number' ? claims['exp'] : undefined;
  } catch {
    return undefined;
  }
}
