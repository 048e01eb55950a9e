/** The code of a system error, such as `EEXIST`. Structural: an error of another realm is no instance of ours. */
export function errorCode(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
