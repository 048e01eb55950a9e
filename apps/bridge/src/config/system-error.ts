/**
 * The operating system's word for what went wrong, such as `ENOENT`. Looks at the property alone: an error that was
 * made in another realm (a worker, a test's sandbox) is no `instanceof Error` here.
 */
export function systemErrorCode(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
