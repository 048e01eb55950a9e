/** Work that one bridge alone does at a time. */
export type Role = 'seal' | 'retention' | 'self-test' | `intake:${string}`;

/** `work`: there is more due than this bridge has room for. `intake`: there is something at the gateway. */
export type Hint = 'work' | 'intake';

/**
 * What a bridge knows of the others that share its ledger. All of it is as of the last beat; what must be exact is guarded by
 * the ledger itself, which takes nothing from a bridge that was removed.
 */
export interface Membership {
  /** Name of this bridge, for people. */
  readonly name: string;
  /** Whether others may share the ledger at all. */
  readonly several: boolean;
  /** Bridges that share the ledger, this one among them. */
  count(): number;
  /**
   * The part of what a service grants to all bridges together that this one may use now: 0 to 1. 0 until the others know of this
   * one, and while it is cut off from the ledger: together they never use more than the whole.
   */
  share(): number;
  /** Whether this bridge is the one that does it. */
  holds(role: Role): boolean;
  /** Asks for roles: each is taken as soon as nobody has it. Resolves when those that are free now are taken. */
  seek(roles: readonly Role[]): Promise<void>;
  /**
   * Lets a role go that this bridge cannot fill at present, where another may. It takes the role again only after a rest, or where
   * nobody else has taken it for as long as a lease lasts. From the call on this bridge does not hold it: what it did in the role
   * must have ended.
   */
  handOver(role: Role): Promise<void>;
  /** Why nothing may be sent from here now: this bridge may count as gone by now. Null where it may. */
  refusal(): string | null;
  /** Tells the others what does not answer here: what the reasons begin with for which work waits. */
  tellDown(outages: readonly string[]): void;
  /** Whether another bridge would not wait for this reason. */
  othersGoOn(why: string): boolean;
  /**
   * Says what must be the same at all bridges beyond what was known when it joined.
   * @throws LedgerRefusedError where another bridge differs
   */
  agree(parts: MemberParts): Promise<void>;
  /** There is something for others to do: they need not wait until they look by themselves. */
  hintOthers(hint: Hint): void;
  /** Told what another bridge hinted at. A hint may be lost. */
  onHint(listener: (hint: Hint) => void): void;
  /** Told when bridges came or went, or this one got or lost a role or a share. */
  onChange(listener: () => void): void;
}

/** Digests of what a bridge is set to, by the names that people know it by. */
export interface MemberParts {
  /** Must be the same at all bridges. */
  readonly same: Readonly<Record<string, string>>;
  /** May differ for a while, when settings are changed at one bridge after the other. */
  readonly alike: Readonly<Record<string, string>>;
}

/** Of a bridge that has its ledger for itself. */
export function soleMembership(name: string): Membership {
  return {
    name,
    several: false,
    count: () => 1,
    share: () => 1,
    holds: () => true,
    seek: () => Promise.resolve(),
    handOver: () => Promise.resolve(),
    refusal: () => null,
    tellDown: () => undefined,
    othersGoOn: () => false,
    agree: () => Promise.resolve(),
    hintOthers: () => undefined,
    onHint: () => undefined,
    onChange: () => undefined,
  };
}
