import { StaleChangeError } from './ledger';
import { LedgerUnavailableError } from './ledger-unavailable-error';
import type { Program } from './program';

/** What is asked of the writer thread. */
export type WriterRequest =
  | {
      readonly type: 'run';
      /** Texts that were not sent before; they are numbered in the order in which they are sent, from 0. */
      readonly texts: readonly string[];
      readonly programs: readonly { readonly id: number; readonly steps: readonly WrittenStep[] }[];
    }
  | { readonly type: 'close' };

/** A step whose text is told by its number: text, parameters, `expect`, `otherwise`. */
type WrittenStep = readonly [number, readonly unknown[], number | undefined, string | undefined];

/**
 * Makes the function that writes programs for the thread. Each text of a statement crosses once: they come from a fixed set of
 * templates, and to copy them was four fifths of the bytes of a program.
 */
export function createProgramWriter(): (
  programs: readonly { readonly id: number; readonly program: Program }[],
) => WriterRequest {
  const numbers = new Map<string, number>();
  return (programs) => {
    const texts: string[] = [];
    const numberOf = (sql: string): number => {
      const known = numbers.get(sql);
      if (known !== undefined) return known;
      texts.push(sql);
      numbers.set(sql, numbers.size);
      return numbers.size - 1;
    };
    const written = programs.map(({ id, program }) => ({
      id,
      steps: program.map(({ sql, parameters, expect, otherwise }): WrittenStep => [
        numberOf(sql),
        parameters,
        expect,
        otherwise,
      ]),
    }));
    return { type: 'run', texts, programs: written };
  };
}

/** The other side of `createProgramWriter`. */
export function createProgramReader(): (
  request: WriterRequest & { type: 'run' },
) => readonly { readonly id: number; readonly program: Program }[] {
  const known: string[] = [];
  return ({ texts, programs }) => {
    known.push(...texts);
    return programs.map(({ id, steps }) => ({
      id,
      program: steps.map(([number, parameters, expect, otherwise]) => ({
        sql: known[number] ?? '',
        parameters,
        ...(expect === undefined ? {} : { expect }),
        ...(otherwise === undefined ? {} : { otherwise }),
      })),
    }));
  };
}

/** What the writer thread answers; `ran` holds all that one commit brought. */
export type WriterReply =
  | { readonly type: 'ready' }
  | { readonly type: 'refused'; readonly fault: WrittenFault }
  | { readonly type: 'ran'; readonly answers: readonly WriterAnswer[] };

export type WriterAnswer =
  | { readonly id: number; readonly rows: readonly (readonly unknown[])[] }
  | { readonly id: number; readonly fault: WrittenFault };

/** An error as plain data: a structured clone keeps neither the class nor the code of one. */
interface WrittenFault {
  readonly kind: 'stale' | 'unavailable' | 'other';
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: WrittenFault;
}

/** An error on its way to another thread. Pure. */
export function writeFault(error: unknown): WrittenFault {
  const { message, stack, code, cause } = error as Partial<Error & { code: unknown }>;
  return {
    kind:
      error instanceof StaleChangeError
        ? 'stale'
        : error instanceof LedgerUnavailableError
          ? 'unavailable'
          : 'other',
    message: typeof message === 'string' ? message : String(error),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
    ...(cause === undefined ? {} : { cause: writeFault(cause) }),
  };
}

/** The same error on this side: its class, code and cause, and the stack of the place where it happened. Pure. */
export function readFault({ kind, message, code, stack, cause }: WrittenFault): Error {
  const options = cause === undefined ? undefined : { cause: readFault(cause) };
  const error = makeError(kind, message, code, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function makeError(
  kind: WrittenFault['kind'],
  message: string,
  code: string | undefined,
  options: ErrorOptions | undefined,
): Error {
  if (kind === 'stale') return new StaleChangeError(message, options);
  if (kind === 'unavailable') return new LedgerUnavailableError(message, code ?? 'UNKNOWN', options);
  const error = new Error(message, options);
  return code === undefined ? error : Object.assign(error, { code });
}
