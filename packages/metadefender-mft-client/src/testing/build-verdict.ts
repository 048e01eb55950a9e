import { evaluateVerdict } from '../verdict/evaluate-verdict';
import type { Verdict } from '../verdict/verdict';
import { buildFileStatus } from './build-file-status';
import type { StatusKind, StatusParts } from './build-file-status';

/**
 * The verdict on such a status: what `files.waitForVerdict` gives, for code under test that takes one. It is evaluated and not made up, so
 * that a test cannot hold a verdict that the client would never give.
 *
 * @example
 * const blocked = buildVerdict('blocked', { file_id: fileId });
 */
export function buildVerdict(kind: StatusKind = 'cleared', parts: StatusParts = {}): Verdict {
  return evaluateVerdict(buildFileStatus(kind, parts));
}
