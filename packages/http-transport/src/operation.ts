import type { Readable } from 'node:stream';

/** The methods that a call may have. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * What happens at the server when the same request arrives twice. Declared per operation and never derived from the
 * verb: there are GETs that create state and POSTs that only read.
 *
 * - `safe`: no effect at all
 * - `idempotent`: the second time changes nothing more
 * - `keyed`: the server keeps a key that the client chose, and knows the second request for the first
 * - `unsafe`: anything else; sent again only when the first request provably never left
 */
export type Safety = 'safe' | 'idempotent' | 'keyed' | 'unsafe';

/** Anything with a throwing `parse`, such as a zod schema; structural, so that no schema library is in a signature. */
export interface Parser<T> {
  parse(value: unknown): T;
}

/** Three clocks, all in milliseconds; 0 switches one off. */
export interface Clocks {
  /** Per try: until connected, and from the last byte of the request until the headers of the answer. Default 30 000. */
  readonly headersMs: number;
  /** Per try: no byte moved, up or down, while a body is under way. Default 30 000. */
  readonly idleMs: number;
  /** The whole call with waiting, all tries and the body of the answer. Default 600 000. */
  readonly totalMs: number;
}

/** A body that can be sent again, or (`once`) one that cannot and therefore is never retried. */
export type RequestBody =
  | { readonly json: unknown }
  | {
      /** Not copied: leave them as they are until the call is over, or a retry sends other bytes. */
      readonly bytes: Uint8Array;
      readonly contentType?: string | undefined;
    }
  | {
      /** Called once per try; each stream must yield the same bytes. */
      readonly open: () => Readable | Promise<Readable>;
      /** Bytes. Known: sent as Content-Length and checked. Unknown: sent chunked. */
      readonly length?: number | undefined;
      readonly contentType?: string | undefined;
    }
  | {
      readonly once: Readable;
      readonly length?: number | undefined;
      readonly contentType?: string | undefined;
    };

/** A value of the query: a list becomes the same name several times, undefined is left out. */
export type QueryValue = string | number | boolean | readonly (string | number | boolean)[] | undefined;

/** What an input becomes on the wire. */
export interface RequestParts {
  /** For the `{name}` places of the path; each is percent-encoded as one segment. */
  readonly params?: Readonly<Record<string, string | number>> | undefined;
  /** `undefined` values are left out, an array repeats its name. */
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  /** Values must be Latin-1 without line breaks; `undefined` values are left out. */
  readonly headers?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly body?: RequestBody | undefined;
}

/**
 * One declared call of a remote API.
 *
 * @example
 * const getUser: Operation<{ id: string }, User> = {
 *   name: 'users.get', method: 'GET', path: '/users/{id}', safety: 'safe',
 *   input: z.strictObject({ id: z.string() }),
 *   encode: ({ id }) => ({ params: { id } }),
 *   output: z.looseObject({ id: z.string() }),
 * };
 */
export interface Operation<In, Out> {
  /** `resource.verb`; appears in errors, hooks and metrics. */
  readonly name: string;
  readonly method: HttpMethod;
  /** Template such as `/file/status/{fileId}`; errors and hooks show the template, never the filled path. */
  readonly path: string;
  readonly safety: Safety;
  /** Default `session`. */
  readonly auth?: 'session' | 'none' | undefined;
  /** Whose rights it needs; said in the text of a 403. */
  readonly access?: 'user' | 'administrator' | undefined;
  /** Strict schema; a failure raises InvalidRequestError before anything is sent. */
  readonly input?: Parser<In> | undefined;
  /** Absent: nothing but method and path is sent. */
  readonly encode?: ((input: In) => RequestParts) | undefined;
  /**
   * Loose schema; a failure raises ResponseShapeError with the place of the field, never its value.
   * Integers beyond 2^53 arrive as strings: as numbers they would silently become other numbers.
   */
  readonly output?: Parser<Out> | undefined;
  readonly clocks?: Partial<Clocks> | undefined;
  /** A sentence on what to use instead, or a function that returns it only for inputs that use what is deprecated. */
  readonly deprecated?: string | ((input: In) => string | undefined) | undefined;
}
