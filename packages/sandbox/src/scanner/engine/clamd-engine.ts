import type { Clamd } from './clamd';
import type { Engine, Inspection } from './inspect';

/**
 * An engine that has clamd look. What clamd could not look at in full is not scannable, never clean; where it is
 * set to alert on encrypted files and on its limits (`AlertEncrypted`, `AlertExceedsMax`), those alerts are no
 * infections either.
 *
 * @example
 * const engine = createClamdEngine(createClamd({ socket: '/run/clamav/clamd.ctl' }));
 */
export function createClamdEngine(clamd: Pick<Clamd, 'scan'>): Engine {
  return async (content) => {
    const finding = await clamd.scan(content.read());
    const sha256 = await content.sha256();
    if (finding.kind === 'clean') return { verdict: 'allowed', sha256, reason: '', failedAction: '' };
    if (finding.kind === 'error') {
      return {
        verdict: 'unscannable',
        sha256,
        reason: `clamd: ${finding.text}`,
        failedAction: 'Scan Failed',
      };
    }
    return found(finding.signature, sha256);
  };
}

function found(signature: string, sha256: string): Inspection {
  if (/^Heuristics\.Encrypted\b/.test(signature))
    return {
      verdict: 'unscannable',
      sha256,
      reason: 'Encrypted Archive',
      failedAction: 'Archive Extraction Failed',
      signature,
    };
  if (/^Heuristics\.Limits\.Exceeded\b/.test(signature))
    return {
      verdict: 'unscannable',
      sha256,
      reason: 'Exceeded Archive Size',
      failedAction: 'Archive Extraction Failed',
      signature,
    };
  return { verdict: 'blocked', sha256, reason: 'Infected', failedAction: '', signature };
}
