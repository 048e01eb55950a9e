import { createHash, createHmac } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import manifest from '../package.json';
import type { BridgeConfig } from './config/schema';
import type { KeyRing } from './custody/key-ring';
import { canonicalJson } from './ledger/canonical-json';
import type { LedgerClock } from './ledger/ledger-clock';
import type { MemberParts } from './ledger/membership';
import type { SeveralOptions } from './ledger/postgres/postgres-ledger';

/** How this bridge shares its ledger with others; undefined where it has it for itself. */
export function severalOptions(
  config: BridgeConfig,
  { clock, monotonic, log }: { clock: LedgerClock; monotonic: () => number; log: Logger },
): SeveralOptions | undefined {
  const { postgres } = config.ledger;
  if (postgres === null || postgres.singleNode) return undefined;
  return {
    name: memberName(config),
    program: manifest.version,
    parts: memberParts(config),
    beatMs: postgres.beat,
    leaseMs: postgres.lease,
    clock,
    monotonic,
    wall: Date.now,
    log,
  };
}

/** By what people know a bridge among others. */
export function memberName({ ledger }: BridgeConfig): string {
  return ledger.postgres?.name ?? `${hostname()}-${String(process.pid)}`;
}

/**
 * What bridges of one ledger must have in common: whose messages they take, from where, and where they keep them. In the rest
 * they may differ while a change is brought to one after the other; both say so. Digests only: others read them.
 */
function memberParts({
  ledger,
  mode,
  gateway,
  scanner,
  custody,
  routes,
  destinations,
  policy,
  intake,
  delivery,
  retention,
}: BridgeConfig): MemberParts {
  const { auth, baseUrl, stations, requestsPerSecond, burst, concurrency } = gateway;
  const account = auth.tokenId ?? auth.username;
  const store =
    custody.bucket === null
      ? 'a shared directory'
      : [custody.bucket.endpoint, custody.bucket.bucket, custody.bucket.prefix];
  return {
    same: digests({
      mode,
      'gateway.baseUrl': baseUrl,
      'gateway.auth (its account)': account.reveal(),
      'gateway.stations': [...stations].sort(),
      // A file that one uploaded is asked for by the others; and one of them tests the scanner for all.
      'scanner.baseUrl': scanner.baseUrl,
      'scanner.selfTest.enabled': scanner.selfTest.enabled,
      custody: store,
      // Each judges by its own times whether the others are there.
      'ledger.postgres.beat, lease': [ledger.postgres?.beat, ledger.postgres?.lease],
    }),
    alike: digests({
      'gateway.requestsPerSecond, burst, concurrency': [requestsPerSecond, burst, concurrency],
      'scanner.concurrency, poll': [scanner.concurrency, scanner.poll],
      routes,
      destinations,
      policy,
      intake,
      delivery,
      retention,
    }),
  };
}

/**
 * What the keys of custody are, by their ids; and with which account the scanner is asked, since the self-test that one of them
 * makes proves it for this account only: the scanner knows rights, licence and workflow by the account, so that two bridges with
 * one account at one address are one to it. What may still lead to another scanner under that address is the way out; machines in
 * different networks need different ones, so that a difference is told and not refused.
 * Keyed by what all of them hold: a password is not to be guessed by whoever reads the ledger.
 */
export function keyParts(
  { keys, newest }: KeyRing,
  { scanner, egress }: Pick<BridgeConfig, 'scanner' | 'egress'>,
): MemberParts {
  const { auth } = scanner;
  const account =
    'apiKey' in auth ? [auth.apiKey.reveal()] : [auth.username.reveal(), auth.password.reveal()];
  const way = [egress.proxy?.reveal() ?? null, [...egress.noProxy].sort(), egress.ca];
  const keyed = (name: string, value: readonly unknown[]): string =>
    createHmac('sha256', newest.secret)
      .update(canonicalJson([name, ...value]))
      .digest('hex');
  return {
    same: digests({
      'custody.keyFile (its keys)': keys.map(({ id }) => id).sort(),
      'scanner.auth': keyed('scanner.auth', account),
    }),
    alike: digests({ 'egress (is it the same scanner that they reach?)': keyed('egress', way) }),
  };
}

function digests(parts: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parts).map(([name, value]) => [
      name,
      createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16),
    ]),
  );
}
