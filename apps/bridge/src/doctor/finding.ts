/** What one look found. */
export interface Finding {
  readonly part:
    'program' | 'disk' | 'custody' | 'keys' | 'ledger' | 'gateway' | 'scanner' | 'destinations' | 'bridge';
  /** `failure`: the bridge would not do its work. `warning`: it would, with a risk. `skipped`: could not be looked at. */
  readonly level: 'ok' | 'warning' | 'failure' | 'skipped';
  readonly text: string;
  /** What to do; nothing where nothing is to be done. */
  readonly advice?: string;
}

/** A part's findings, made one after the other. */
export interface Notes {
  ok(text: string): void;
  warn(text: string, advice: string): void;
  fail(text: string, advice: string): void;
  skip(text: string): void;
  readonly findings: readonly Finding[];
}

/** @example const notes = takeNotes('disk'); notes.ok('12 GB are free'); */
export function takeNotes(part: Finding['part']): Notes {
  const findings: Finding[] = [];
  return {
    findings,
    ok: (text) => void findings.push({ part, level: 'ok', text }),
    warn: (text, advice) => void findings.push({ part, level: 'warning', text, advice }),
    fail: (text, advice) => void findings.push({ part, level: 'failure', text, advice }),
    skip: (text) => void findings.push({ part, level: 'skipped', text }),
  };
}
