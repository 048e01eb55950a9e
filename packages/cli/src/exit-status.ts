/**
 * What a command ends with, so that a shell script can gate on it.
 *
 * - `done` 0: cleared, delivered, done
 * - `failed` 1: it could not be done; standard error says why
 * - `refused` 2: a definite no: blocked by the scanner, refused by the partner, a certificate near its end, a probe that differs
 * - `undecided` 3: held, or no answer within the time
 */
export const exitStatus = { done: 0, failed: 1, refused: 2, undecided: 3 } as const;

export type ExitStatus = (typeof exitStatus)[keyof typeof exitStatus];

/** From the gravest to the best: a definite no is never hidden behind a failure of something else. */
const gravity: readonly ExitStatus[] = [
  exitStatus.refused,
  exitStatus.failed,
  exitStatus.undecided,
  exitStatus.done,
];

/**
 * One status for several: the gravest. Nothing at all is `done`.
 *
 * @example
 * gravest([0, 3, 1]); // 1
 */
export function gravest(statuses: readonly ExitStatus[]): ExitStatus {
  return gravity.find((status) => statuses.includes(status)) ?? exitStatus.done;
}
