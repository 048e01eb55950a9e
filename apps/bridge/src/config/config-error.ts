/** One thing that is wrong with a configuration, and where. */
export interface ConfigProblem {
  /** As it was given on the command line. */
  readonly file: string;
  /** 1-based; null where the file itself is the problem. */
  readonly line: number | null;
  readonly column: number | null;
  /** `routes[0].destinations[1]`; empty for the file as a whole. */
  readonly path: string;
  /** What was found and what was expected. Never the value of a secret. */
  readonly text: string;
}

/**
 * The configuration cannot be used. The message lists all problems, each with its place, so that one round of
 * editing is enough.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

/** `bridge.yaml:12:5 gateway.stations: found nothing, expected ...`. Pure. */
export function describeProblem({ file, line, column, path, text }: ConfigProblem): string {
  const place = line === null ? file : `${file}:${String(line)}:${String(column ?? 1)}`;
  return path === '' ? `${place}: ${text}` : `${place} ${path}: ${text}`;
}
