import { checkCustody } from './custody-checks';
import type { Finding } from './finding';
import { isPlainHttp } from './plain-http';
import { authNeeded } from './service-schema';
import { suggest } from './suggestion';

/**
 * What concerns several fields at once. Reads the raw document and not the parsed one, so that it also speaks where
 * some other field is wrong; whatever has the wrong shape is skipped here, since the schema names it. Pure.
 */
export function crossCheck(document: unknown): Finding[] {
  const root = asMap(document);
  return [
    ...checkAuth('gateway', asMap(root['gateway'])),
    ...checkAuth('scanner', asMap(root['scanner'])),
    ...checkRoutes(root),
    ...checkPolicy(asMap(root['policy'])),
    ...checkProxy(asMap(root['egress'])),
    ...checkLedger(asMap(root['ledger'])),
    ...checkStore(asMap(root['custody']), asMap(root['ledger'])),
  ];
}

function checkLedger({ file, postgres }: Record<string, unknown>): Finding[] {
  const isGiven = (value: unknown): boolean => value !== undefined && value !== null;
  if (!isGiven(file) || !isGiven(postgres)) return [];
  return [{ path: ['ledger', 'postgres'], text: 'found beside ledger.file; expected one of the two' }];
}

function checkStore(custody: Record<string, unknown>, { postgres }: Record<string, unknown>): Finding[] {
  const isServer = postgres !== undefined && postgres !== null;
  return checkCustody({
    custody,
    bucket: asMap(custody['bucket']),
    postgres: isServer ? asMap(postgres) : null,
  });
}

function checkAuth(name: 'gateway' | 'scanner', service: Record<string, unknown>): Finding[] {
  const findings: Finding[] = [];
  const auth = asMap(service['auth']);
  const has = (key: string): boolean => auth[key] !== undefined && auth[key] !== null;
  const pairs =
    name === 'gateway'
      ? [
          ['tokenId', 'tokenSecret'],
          ['username', 'password'],
        ]
      : [['apiKey'], ['username', 'password']];
  const complete = pairs.filter((keys) => keys.every(has)).length;
  const begun = pairs.filter((keys) => keys.some(has)).length;
  if (complete !== 1 || begun !== 1) findings.push({ path: [name, 'auth'], text: authNeeded[name] });
  const url = service['baseUrl'];
  if (typeof url === 'string' && isPlainHttp(url) && service['allowInsecureHttp'] !== true) {
    const why = 'plain http to another machine would show the token to everyone on the way';
    findings.push({
      path: [name, 'baseUrl'],
      text: `${why}; expected https (or allowInsecureHttp: true beside it)`,
    });
  }
  return findings;
}

function checkRoutes(root: Record<string, unknown>): Finding[] {
  const known = Object.keys(asMap(root['destinations']));
  const stations = asList(asMap(root['gateway'])['stations']);
  const findings: Finding[] = [];
  findings.push(...checkTwins(asMap(root['destinations'])));
  if (known.length === 0)
    findings.push({ path: ['destinations'], text: 'found nothing, expected at least one destination' });
  const earlier: { name: unknown; station: unknown; partner: unknown }[] = [];
  for (const [index, value] of asList(root['routes']).entries()) {
    const route = asMap(value);
    const match = asMap(route['match']);
    const [name, station, partner] = [route['name'], match['station'] ?? null, match['partner'] ?? null];
    const at = (...path: PropertyKey[]): PropertyKey[] => ['routes', index, ...path];
    if (typeof name === 'string' && earlier.some((route) => route.name === name)) {
      findings.push({
        path: at('name'),
        text: `another route is named "${name}" already; expected a name of its own`,
      });
    }
    if (typeof station === 'string' && stations.length > 0 && !stations.includes(station)) {
      const text = `station "${station}" is not read; expected one of gateway.stations (${stations.join(', ')})`;
      findings.push({ path: at('match', 'station'), text });
    }
    const wider = earlier.find(
      (other) =>
        [null, station].includes(other.station as string | null) &&
        [null, partner].includes(other.partner as string | null),
    );
    if (wider !== undefined) {
      const text = `never used: route "${String(wider.name)}" above takes all that it matches; put the narrower one first`;
      findings.push({ path: at(), text });
    }
    earlier.push({ name, station, partner });
    findings.push(...checkTargets(asList(route['destinations']), known, at));
  }
  return findings;
}

/** A lost submission is searched for by station and partner: two names for the same way would adopt each other's. */
function checkTwins(destinations: Record<string, unknown>): Finding[] {
  const seen = new Map<string, string>();
  return Object.entries(destinations).flatMap(([name, value]) => {
    const { kind, from, to } = asMap(value);
    if (kind !== 'as2') return [];
    const key = JSON.stringify([from, to]);
    const twin = seen.get(key);
    seen.set(key, twin ?? name);
    if (twin === undefined) return [];
    const text = `"${twin}" sends from the same station to the same partner; use that one for both routes`;
    return [{ path: ['destinations', name], text }];
  });
}

function checkTargets(
  targets: readonly unknown[],
  known: readonly string[],
  at: (...path: PropertyKey[]) => PropertyKey[],
): Finding[] {
  return targets.flatMap((target, position) => {
    const path = at('destinations', position);
    if (typeof target !== 'string') return [];
    if (targets.indexOf(target) < position) return [{ path, text: `"${target}" stands here twice` }];
    if (known.includes(target)) return [];
    const near = suggest(target, known);
    const hint =
      near === undefined
        ? `expected one of ${known.join(', ') || 'destinations:, which is empty'}`
        : `did you mean "${near}"?`;
    return [{ path, text: `no destination is named "${target}"; ${hint}` }];
  });
}

/** Each decision records the version: another policy must not go by the name of the default one. */
function checkPolicy(policy: Record<string, unknown>): Finding[] {
  const given = (key: string): boolean => policy[key] !== undefined && policy[key] !== null;
  if (!given('forwardSanitized') || given('version')) return [];
  return [
    {
      path: ['policy', 'version'],
      text: 'found nothing, expected a name for this policy, since each decision records it',
    },
  ];
}

function checkProxy(egress: Record<string, unknown>): Finding[] {
  const proxy = egress['proxy'];
  if (typeof proxy !== 'string' || !URL.canParse(proxy)) return [];
  const { username, password } = new URL(proxy);
  if (username === '' && password === '') return [];
  return [
    {
      path: ['egress', 'proxy'],
      text: 'the password of a proxy must not stand in this file; write { env: NAME } or { file: path } with the whole URL in it',
    },
  ];
}

function asMap(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
