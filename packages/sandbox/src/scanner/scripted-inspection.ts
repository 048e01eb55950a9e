import type { Blob, BlobStore } from '../blob-store';
import type { Inspection } from './engine/inspect';
import type { FileScript, ScriptedVerdict } from './file-script';

/** What `verdict` of a script stands for; `unscanned` is no inspection and handled where files are taken in. */
const MEANINGS: Readonly<
  Record<Exclude<ScriptedVerdict, 'unscanned'>, Pick<Inspection, 'verdict' | 'reason' | 'failedAction'>>
> = {
  allowed: { verdict: 'allowed', reason: '', failedAction: '' },
  blocked: { verdict: 'blocked', reason: 'Infected', failedAction: '' },
  unscannable: {
    verdict: 'unscannable',
    reason: 'Encrypted Archive',
    failedAction: 'Archive Extraction Failed',
  },
  'not-sanitized': { verdict: 'unscannable', reason: 'Not sanitized', failedAction: 'Sanitization Failed' },
  sanitized: { verdict: 'sanitized', reason: '', failedAction: '' },
  // MetaDefender Core's word. It stands there among the actions that ran; this API has a field only for failed ones.
  'partly-sanitized': { verdict: 'sanitized', reason: '', failedAction: 'Sanitized Partially' },
};

/**
 * What a scripted scanner says about content.
 *
 * @param verdict - Of the script.
 * @example
 * await scriptedInspection(blob, 'blocked', { reason: 'Suspicious' }, store);
 */
export async function scriptedInspection(
  content: Blob,
  verdict: Exclude<ScriptedVerdict, 'unscanned'>,
  script: FileScript,
  store: BlobStore,
): Promise<Inspection> {
  const meaning = MEANINGS[verdict];
  const inspection = { ...meaning, reason: script.reason ?? meaning.reason, sha256: await content.sha256() };
  if (inspection.verdict !== 'sanitized') return inspection;
  const made = await (script.bytes === undefined
    ? store.fromStream(content.read())
    : store.fromBytes(script.bytes));
  const sanitized = { content: made, size: made.size, sha256: await made.sha256() };
  return { ...inspection, sanitized };
}
