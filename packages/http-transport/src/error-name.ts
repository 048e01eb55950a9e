import { printable } from './redaction';

/** What may be told of an error that is not ours: its text may hold anything, its name does not. */
export function errorName(error: unknown): string {
  const name: unknown = error instanceof Error ? error.name : undefined;
  return typeof name === 'string' ? printable(name, 40) : typeof error;
}
