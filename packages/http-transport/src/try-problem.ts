import type { SourceFailure } from './counted-stream';
import type { HeaderMap } from './redaction';

/** How a try failed: facts only. Nothing of axios, of the request or of a foreign error is kept. */
export type TryProblem =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers: HeaderMap;
      readonly body: Buffer;
      readonly truncated: boolean;
    }
  | { readonly kind: 'connection'; readonly sent: boolean; readonly code: string | undefined }
  | { readonly kind: 'timeout'; readonly clock: 'headers' | 'idle'; readonly sent: boolean }
  | { readonly kind: 'cut'; readonly status: number; readonly code: string | undefined }
  | { readonly kind: 'unreadable'; readonly status: number; readonly why: 'too-large' | 'encoding' | 'part' }
  | { readonly kind: 'source'; readonly failure: SourceFailure; readonly sent: boolean };

/** Raised by a try. It has a `config`, because axios-retry looks at nothing else to know an error that it may retry. */
export class TryFailure extends Error {
  readonly problem: TryProblem;
  readonly config: object;

  constructor(problem: TryProblem, config: object) {
    super(problem.kind);
    this.problem = problem;
    this.config = config;
  }
}

/** The word of the system, of TLS or of the HTTP parser, if it looks like one. */
export function errorCodeOf(error: unknown): string | undefined {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  // While it still writes the handshake, Node reports OpenSSL's reason in the text only.
  if (code === 'EPROTO' && error instanceof Error && error.message.includes('wrong version number')) {
    return 'ERR_SSL_WRONG_VERSION_NUMBER';
  }
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined;
}
