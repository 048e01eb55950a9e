/** When a scripted thing happens, beside what it looks at. */
export interface ScriptTimes {
  /** So many times at most. Default: until it is removed. */
  readonly times?: number;
  /** So many that fit pass untouched before. Default 0. */
  readonly after?: number;
}

/** Something that was scripted. */
export interface ScriptHandle<Rule> {
  /** Unique within its script, for the control listener. */
  readonly id: string;
  readonly rule: Rule;
  /** How often it was followed so far. */
  readonly hits: number;
  /** Twice is harmless. */
  remove(): void;
}

/** What a test wrote down beforehand. Rules are asked in the order of adding; the first that fits is followed. */
export interface Script<Rule> {
  add(rule: Rule): ScriptHandle<Rule>;
  /** Those not removed, in order. */
  readonly active: readonly ScriptHandle<Rule>[];
  clear(): void;
}

/** The side of a script that asks. */
export interface ScriptBook<Rule, Given> extends Script<Rule> {
  /** The rule for this, counted as followed. */
  follow(given: Given): Rule | undefined;
  /** All rules for this, each counted as followed. */
  followAll(given: Given): readonly Rule[];
}

interface Entry<Rule> {
  readonly handle: ScriptHandle<Rule>;
  hits: number;
  passed: number;
}

export function createScriptBook<Rule extends ScriptTimes, Given>(
  prefix: string,
  fits: (rule: Rule, given: Given) => boolean,
): ScriptBook<Rule, Given> {
  const entries = new Map<string, Entry<Rule>>();
  let added = 0;

  function isDue(entry: Entry<Rule>, given: Given): boolean {
    const { rule } = entry.handle;
    if (entry.hits >= (rule.times ?? Infinity) || !fits(rule, given)) return false;
    entry.passed += 1;
    if (entry.passed <= (rule.after ?? 0)) return false;
    entry.hits += 1;
    return true;
  }

  return {
    get active() {
      return [...entries.values()].map(({ handle }) => handle);
    },
    clear: () => entries.clear(),
    add(rule) {
      added += 1;
      const id = `${prefix}-${String(added)}`;
      const entry: Entry<Rule> = {
        hits: 0,
        passed: 0,
        handle: {
          id,
          rule,
          get hits() {
            return entry.hits;
          },
          remove: () => void entries.delete(id),
        },
      };
      entries.set(id, entry);
      return entry.handle;
    },
    follow(given) {
      for (const entry of entries.values()) if (isDue(entry, given)) return entry.handle.rule;
      return undefined;
    },
    followAll: (given) =>
      [...entries.values()].filter((entry) => isDue(entry, given)).map(({ handle }) => handle.rule),
  };
}
