import { createHash, randomBytes } from 'node:crypto';
import { checkRule } from './check-rule';
import type { Fault, FaultHandle, FaultHit, FaultRule, Faults } from './fault';
import type { SeededRandom } from './seeded-random';
import { createSeededRandom } from './seeded-random';

/** About 10 MB. The counts of the rules go on beyond it. */
const HITS_KEPT = 100_000;

/** A call that is about to be made, as far as a rule looks at it. */
export interface FaultyCall {
  readonly operation: string;
  readonly params: Readonly<Record<string, string>>;
  /** The token or key that came with it. */
  readonly credential: string | undefined;
}

/** What strikes a call. */
export interface Strike {
  readonly fault: Fault;
  readonly random: SeededRandom;
}

/** The faults of one service, and the question which of them strike a call. */
export interface FaultBook extends Faults {
  /** Names an operation that rules may be about. */
  declare(operation: string): void;
  /** In order: any number of `latency`, then at most one other. */
  strike(call: FaultyCall): readonly Strike[];
}

/** @example createFaultBook({ seed: 42, now: Date.now }) */
export function createFaultBook(options: {
  /** Default: random. */
  readonly seed?: string | number | undefined;
  readonly now: () => number;
}): FaultBook {
  const { seed = randomBytes(6).toString('hex'), now } = options;
  const operations = new Set<string>();
  const entries = new Map<string, Entry>();
  const hits: FaultHit[] = [];
  /** Hashes of tokens that were rejected for good, and the fault that did it. */
  const rejected = new Map<string, { readonly id: string; readonly strike: Strike }>();
  let added = 0;

  function note(id: string, operation: string, { kind }: Fault): void {
    if (hits.length === HITS_KEPT) hits.shift();
    hits.push({ id, at: now(), operation, kind });
  }

  function remove(id: string): void {
    entries.delete(id);
    for (const [hash, { id: owner }] of rejected) if (owner === id) rejected.delete(hash);
  }

  return {
    seed,
    hits,
    get active() {
      return [...entries.values()].map(({ handle }) => handle);
    },
    clear() {
      for (const id of [...entries.keys()]) remove(id);
    },
    declare: (operation) => void operations.add(operation),
    add(given) {
      const rule = checkRule(given);
      const pattern = toPattern(rule.on);
      if (![...operations].some((operation) => pattern.test(operation)))
        throw new RangeError(
          `No operation of this service is named by ${rule.on}: there are ${[...operations].join(', ')}.`,
        );
      added += 1;
      const id = `fault-${String(added)}`;
      const entry: Entry = {
        rule,
        pattern,
        random: createSeededRandom(seed, id),
        until: rule.forMs === undefined ? Infinity : now() + rule.forMs,
        passed: 0,
        hits: 0,
        handle: { id, rule, hits: 0, remove: () => remove(id) },
      };
      Object.defineProperty(entry.handle, 'hits', { enumerable: true, get: () => entry.hits });
      entries.set(id, entry);
      return entry.handle;
    },
    strike(call) {
      if (entries.size === 0) return [];
      const strikes: Strike[] = [];
      const token = call.credential === undefined ? undefined : hashOf(call.credential);
      const before = token === undefined ? undefined : rejected.get(token);
      if (before !== undefined) {
        note(before.id, call.operation, before.strike.fault);
        return [before.strike];
      }
      for (const [id, entry] of entries) {
        if (!strikesNow(entry, call, now())) continue;
        const { fault } = entry.rule;
        // Without a token there is none to reject: a login goes on.
        if (fault.kind === 'reject-token' && token === undefined) continue;
        entry.hits += 1;
        note(id, call.operation, fault);
        const strike: Strike = { fault, random: entry.random };
        strikes.push(strike);
        if (fault.kind === 'reject-token' && fault.forGood === true && token !== undefined)
          rejected.set(token, { id, strike });
        if (fault.kind !== 'latency') break;
      }
      return strikes;
    },
  };
}

interface Entry {
  readonly rule: FaultRule;
  readonly pattern: RegExp;
  readonly random: SeededRandom;
  /** Epoch ms. */
  readonly until: number;
  passed: number;
  hits: number;
  readonly handle: FaultHandle;
}

function strikesNow(entry: Entry, call: FaultyCall, now: number): boolean {
  const { times = Infinity, probability = 1, after = 0, params = {} } = entry.rule;
  if (entry.hits >= times || now >= entry.until || !entry.pattern.test(call.operation)) return false;
  if (Object.entries(params).some(([name, value]) => call.params[name] !== value)) return false;
  entry.passed += 1;
  // Drawn only where it matters, so that `after` and `times` do not shift what chance decides.
  return entry.passed > after && (probability === 1 || entry.random.next() < probability);
}

function toPattern(on: string): RegExp {
  return new RegExp(`^${on.split('*').map(escape).join('.*')}$`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64');
}
