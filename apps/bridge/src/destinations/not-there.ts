import { errorCode } from '../custody/error-code';

/**
 * For the `catch` of a look at a path: undefined where nothing is there. Every other error is thrown on: a share that does
 * not answer, or a folder that may not be read, says nothing about what lies in it.
 *
 * @example
 * const found = await lstat(path).catch(notThere);
 */
export function notThere(error: unknown): undefined {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}
