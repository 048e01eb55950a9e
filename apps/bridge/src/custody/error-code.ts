/**
 * The code of a system error ("ENOENT"), or undefined. Not by instanceof: errors of another realm (a test's, a
 * worker's) are errors too.
 */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
