/** What goes wrong with one request. */
export type BucketFault =
  /** Answered so, and not done. */
  | { readonly kind: 'answer'; readonly status: number; readonly code: string; readonly retryAfter?: number }
  /** The connection ends before the whole request was read; not done. */
  | { readonly kind: 'cut' }
  /** Done, and the connection ends without an answer. */
  | { readonly kind: 'lost' }
  /** Done, and the connection ends in the middle of the answer's body. */
  | { readonly kind: 'half' }
  /** Done after so many ms. */
  | { readonly kind: 'slow'; readonly ms: number };

/** What is asked for. */
export interface BucketRequest {
  readonly operation:
    | 'put'
    | 'get'
    | 'head'
    | 'delete'
    | 'list'
    | 'begin'
    | 'part'
    | 'complete'
    | 'abort'
    | 'uploads'
    | 'other';
  /** The object's name; empty for the bucket itself. */
  readonly name: string;
  readonly uploadId: string | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export function readBucketRequest(
  method: string,
  url: URL,
  headers: BucketRequest['headers'],
): BucketRequest {
  const [, , ...parts] = decodeURIComponent(url.pathname).split('/');
  const name = parts.join('/');
  const uploadId = url.searchParams.get('uploadId');
  return { operation: operationOf(method, name, url.searchParams), name, uploadId, headers };
}

function operationOf(method: string, name: string, query: URLSearchParams): BucketRequest['operation'] {
  if (name === '') return method === 'GET' ? (query.has('uploads') ? 'uploads' : 'list') : 'other';
  if (method === 'GET') return 'get';
  if (method === 'HEAD') return 'head';
  if (method === 'PUT') return query.has('uploadId') ? 'part' : 'put';
  if (method === 'DELETE') return query.has('uploadId') ? 'abort' : 'delete';
  if (method === 'POST') return query.has('uploads') ? 'begin' : 'complete';
  return 'other';
}
