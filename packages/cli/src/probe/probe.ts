/** What a probe found: the reference's assumption holds at this server, it differs, or it could not be tried. */
export type ProbeOutcome = 'holds' | 'differs' | 'untested';

/** With one sentence: what was seen, how it differs, or why it could not be tried. */
export interface Finding {
  readonly outcome: ProbeOutcome;
  readonly detail: string;
}

/** One numbered unknown of the reference. */
export interface Probe<Lab> {
  /** The number in the reference's table of open questions. */
  readonly number: number;
  readonly question: string;
  /** True: looks at what the others saw, so it comes last. */
  readonly late?: true;
  /** May throw: a refusal by the server differs, anything else leaves it untested. */
  readonly run: (lab: Lab) => Promise<Finding> | Finding;
}

export const holds = (detail: string): Finding => ({ outcome: 'holds', detail });
export const differs = (detail: string): Finding => ({ outcome: 'differs', detail });
export const untested = (detail: string): Finding => ({ outcome: 'untested', detail });

/** Thrown where a probe lacks what it needs. */
export class Untested extends Error {
  override readonly name = 'Untested';
}

/** A probe that only says why nothing can be tried. */
export function notTried(number: number, question: string, why: string): Probe<unknown> {
  return { number, question, run: () => untested(why) };
}
