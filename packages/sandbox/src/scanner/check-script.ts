import {
  checkedFields,
  isAnything,
  isCount,
  isObject,
  isOneOf,
  isText,
  isTexts,
  isTrueOrFalse,
  orNull,
  type FieldCheck,
} from './checked-fields';
import type { FileMatcher } from './file-matcher';
import type { FileScript, StatusStep } from './file-script';

const isSeed: FieldCheck = {
  says: 'a seed: a text or a number',
  ok: (value) => typeof value === 'string' || typeof value === 'number',
};
const isPattern: FieldCheck = {
  says: 'a text or a regular expression',
  ok: (value) => typeof value === 'string' || value instanceof RegExp,
};

const STEP: Readonly<Record<keyof StatusStep, FieldCheck>> = {
  afterMs: isCount,
  state: isText,
  scanResult: isObject,
  lockedUntilMs: orNull(isCount),
  approval: isObject,
  fields: isObject,
  without: isTexts,
  hostile: isSeed,
  raw: isAnything,
  gone: isTrueOrFalse,
};
const SCAN_RESULT = { workflow_result: isAnything, blocked_reason: isAnything, actions_failed: isAnything };
const APPROVAL = { state: isText, current: isCount, required: isCount };

const SCRIPT: Readonly<Record<keyof FileScript, FieldCheck>> = {
  verdict: isOneOf(
    'allowed',
    'blocked',
    'unscannable',
    'not-sanitized',
    'sanitized',
    'partly-sanitized',
    'unscanned',
  ),
  reason: isText,
  bytes: { says: 'bytes (a Uint8Array or Buffer)', ok: (value) => value instanceof Uint8Array },
  scanTimeMs: isCount,
  lockMs: isCount,
  timeline: { says: 'a list of steps', ok: (value) => Array.isArray(value) },
  times: { says: 'a whole number, 1 or more', ok: (value) => isCount.ok(value) && value !== 0 },
};
const DESCRIPTION = { name: isPattern, sha256: isText, path: isText, owner: isText, size: isCount };

/**
 * Checks what types cannot: scripts come from JSON and from plain JavaScript too.
 *
 * @throws RangeError that names the field and what belongs there.
 */
export function checkScript(matcher: FileMatcher, script: FileScript): void {
  if (isObject.ok(matcher) && !(matcher instanceof RegExp)) checkedFields(matcher, 'match', DESCRIPTION);
  else if (!isPattern.ok(matcher) && typeof matcher !== 'function')
    throw new RangeError('`match` must be a name, a regular expression, a description or a function.');
  const { timeline = [] } = checkedFields(script, 'script', SCRIPT) as FileScript;
  timeline.forEach((step, at) => {
    const where = `script.timeline[${at}]`;
    const { scanResult, approval } = checkedFields(step, where, STEP);
    if (scanResult !== undefined) checkedFields(scanResult, `${where}.scanResult`, SCAN_RESULT);
    if (approval !== undefined) checkedFields(approval, `${where}.approval`, APPROVAL, Object.keys(APPROVAL));
  });
}
