/** The parts of a request that are used; those of Express and of `node:http` have them. */
export interface WebhookRequest {
  /** As in `node:http`. */
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Set where a body parser ran before. */
  readonly body?: unknown;
  /** As in `node:http`. */
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What became of the body. `gone`: the sender hung up. */
export type BodyReading =
  | { readonly kind: 'bytes'; readonly body: Uint8Array }
  | { readonly kind: 'parsed'; readonly body: unknown }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'gone' };

/** Takes what a parser made of the body, or reads it, never keeping more than `maxBytes`. */
export function readBody(request: WebhookRequest, maxBytes: number): Promise<BodyReading> {
  const { body, headers } = request;
  if (body instanceof Uint8Array) {
    return Promise.resolve(body.byteLength > maxBytes ? { kind: 'too-large' } : { kind: 'bytes', body });
  }
  if (body !== undefined) return Promise.resolve({ kind: 'parsed', body });
  if (Number(headers['content-length'] ?? 0) > maxBytes) return Promise.resolve({ kind: 'too-large' });
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on('data', (chunk) => {
      size += chunk.byteLength;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        // What still comes is let go by; the answer closes the connection.
        chunks.length = 0;
        resolve({ kind: 'too-large' });
      }
    });
    request.on('end', () => resolve({ kind: 'bytes', body: Buffer.concat(chunks) }));
    request.on('error', () => resolve({ kind: 'gone' }));
    request.on('close', () => resolve({ kind: 'gone' }));
  });
}
