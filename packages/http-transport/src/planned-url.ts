import { isIP } from 'node:net';
import { InvalidRequestError } from './errors/invalid-request-error';
import { isAddressAllowed } from './guarded-lookup';
import { checkCallOptions, mergeClocks } from './planned-request';
import type { PlannedRequest } from './planned-request';
import { isLoopbackHost } from './public-address';
import { secretsOfUrl } from './redaction';
import type { CallOptions, UrlRules } from './transport';
import type { TransportSettings } from './transport-settings';

function isListed(host: string, hosts: readonly string[]): boolean {
  return hosts.some((pattern) => {
    const name = pattern.toLowerCase();
    return name.startsWith('*.') ? host.endsWith(name.slice(1)) && host.length >= name.length : host === name;
  });
}

function refuse(operation: string, message: string, hint: string): never {
  throw new InvalidRequestError({
    operation,
    message: `${operation}: ${message}, and was not fetched.`,
    hint,
    issues: [{ path: 'url', code: 'refused_url' }],
  });
}

/**
 * The path and query of a link with a segment `.` or `..`, as it was signed. An attachment may have such a name, and a key of S3 keeps it,
 * but the URL parser takes it for a step in a tree, encoded or not, and would fetch another file. Everything else is as the parser
 * makes it. Undefined where there is no such segment.
 */
function dottedTarget(text: string): string | undefined {
  const [, start = '', path = '', rest = ''] = /^([^/?#]*\/\/[^/?#]*)([^?#]*)(.*)$/s.exec(text.trim()) ?? [];
  const segments = path.split('/');
  const dots = segments.filter((segment) => dotSegment.test(segment));
  if (dots.length === 0 || path.includes(dotStandIn)) return undefined;
  const held = segments.map((segment) => (dotSegment.test(segment) ? dotStandIn : segment));
  const { pathname, search } = new URL(`${start}${held.join('/')}${rest}`);
  return pathname.replaceAll(dotStandIn, () => dots.shift() ?? '') + search;
}

const dotSegment = /^(?:\.|%2e){1,2}$/i;
/** Left alone by the parser, and found in no link that we know of. */
const dotStandIn = '!dots!';

/**
 * Checks a foreign URL by all that is known before a connection is made; the address that its name leads to is checked
 * by the connection itself. No session, none of the API's headers, and nothing of the URL but its host in any error.
 */
export function planUrl(
  settings: TransportSettings,
  text: string,
  rules: UrlRules,
  options: CallOptions,
): PlannedRequest {
  const { operation } = rules;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) {
    return refuse(operation, 'the link is not an absolute URL', 'Ask for a new link.');
  }
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  const loopback = rules.allowLoopbackHttp && isLoopbackHost(host);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) {
    return refuse(operation, 'the link is not https', 'Links are fetched by https only; ask for a new one.');
  }
  if (url.username !== '' || url.password !== '') {
    return refuse(operation, 'the link holds a user or a password', 'Ask for a link without.');
  }
  if (!loopback && !isListed(host, rules.hosts)) {
    return refuse(
      operation,
      `the link leads to the host ${host.slice(0, 100)}, which is not on the list of permitted hosts`,
      'If the service really keeps its files there, add the host to the list.',
    );
  }
  const address = host.replace(/^\[|\]$/g, '');
  const kind = rules.allowLoopbackHttp ? 'loopback' : 'public';
  // A socket asks no `lookup` for what is an address already.
  if (isIP(address) !== 0 && !isAddressAllowed(address, kind)) {
    return refuse(operation, 'the link leads to an address that is not public', 'Check who made the link.');
  }
  url.hash = '';
  const target = dottedTarget(text);
  const clocks = mergeClocks(settings.clocks, options.clocks);
  checkCallOptions(operation, clocks, options);
  return {
    facts: { operation, method: 'GET', path: '(link)', host: url.host },
    url,
    target,
    headers: settings.linkHeaders,
    body: undefined,
    secrets: () => secretsOfUrl(url),
    safety: 'safe',
    access: undefined,
    authorized: false,
    limited: false,
    agent: kind,
    mode: 'stream',
    part: false,
    resumable: options.resume !== false,
    clocks,
    maxAttempts: options.maxAttempts ?? settings.retry.maxAttempts,
    priority: options.priority ?? 0,
    onSent: undefined,
  };
}
