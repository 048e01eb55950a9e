import {
  checkedFields,
  isAnything,
  isBase64,
  isCount,
  isObject,
  isOneOf,
  isText,
  isTexts,
  isTrueOrFalse,
  orNull,
} from './control-fields';
import type { FileMatcher } from './file-matcher';
import type { FileScript, StatusStep } from './file-script';

const isMatch = {
  says: 'a name (`*` stands for anything) or a description',
  ok: (value: unknown) => isText.ok(value) || isObject.ok(value),
};

const STEP = {
  afterMs: isCount,
  state: isText,
  scanResult: isObject,
  lockedUntilMs: orNull(isCount),
  approval: isObject,
  fields: isObject,
  without: isTexts,
  hostile: {
    says: 'a seed: a text or a number',
    ok: (value: unknown) => ['string', 'number'].includes(typeof value),
  },
  raw: isAnything,
  gone: isTrueOrFalse,
};

const SCRIPT = {
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
  base64: isBase64,
  scanTimeMs: isCount,
  lockMs: isCount,
  timeline: { says: 'a list of steps', ok: (value: unknown) => Array.isArray(value) },
  times: { says: 'a whole number, 1 or more', ok: (value: unknown) => isCount.ok(value) && value !== 0 },
};

/**
 * Reads the body of `POST /scanner/scripts`: `{ match, script }`, where a function or a pattern cannot be said in
 * JSON, and bytes are `base64`.
 *
 * @throws ControlError 400 that names the field and what was expected there.
 */
export function parseScript(value: unknown): { readonly match: FileMatcher; readonly script: FileScript } {
  const { match, script } = checkedFields(value, 'the body', { match: isMatch, script: isObject }, [
    'match',
    'script',
  ]);
  const { base64, timeline, ...rest } = checkedFields(script, 'script', SCRIPT);
  const steps = (timeline as unknown[] | undefined)?.map((step, at) =>
    parseStep(step, `script.timeline[${at}]`),
  );
  return {
    match: parseMatch(match),
    script: {
      ...(rest as FileScript),
      ...(base64 === undefined ? {} : { bytes: Buffer.from(base64 as string, 'base64') }),
      ...(steps === undefined ? {} : { timeline: steps }),
    },
  };
}

function parseMatch(match: unknown): FileMatcher {
  if (typeof match === 'string') return match;
  return checkedFields(match, 'match', {
    name: isText,
    sha256: isText,
    path: isText,
    owner: isText,
    size: isCount,
  });
}

function parseStep(value: unknown, where: string): StatusStep {
  const step = checkedFields(value, where, STEP);
  if (step['scanResult'] !== undefined) {
    const names = { workflow_result: isAnything, blocked_reason: isAnything, actions_failed: isAnything };
    checkedFields(step['scanResult'], `${where}.scanResult`, names);
  }
  if (step['approval'] !== undefined) {
    const approval = { state: isText, current: isCount, required: isCount };
    checkedFields(step['approval'], `${where}.approval`, approval, Object.keys(approval));
  }
  return step;
}
