/** What the scanner said of one file of the self-test. */
export interface SelfTestAnswer {
  readonly status: 'cleared' | 'blocked' | 'held' | 'pending';
  /** The scanner's own words. */
  readonly details: readonly string[];
  /** The file was there, and was gone before a verdict: some scanners delete what they block. */
  readonly gone: boolean;
}

export type SelfTestResult = { readonly passed: true } | { readonly passed: false; readonly why: string };

/**
 * Whether the scanner does its work: the harmless file must clear, and the EICAR test file must not. Pure.
 *
 * Scanners that delete what they block leave no verdict about it; beside a harmless file that cleared, that is an answer.
 */
export function judgeSelfTest(harmless: SelfTestAnswer, eicar: SelfTestAnswer): SelfTestResult {
  if (eicar.status === 'cleared') {
    return {
      passed: false,
      why: 'the scanner cleared the EICAR test file: its key may skip scanning, its licence may have expired, or its workflow holds no engine',
    };
  }
  if (harmless.status !== 'cleared') {
    return {
      passed: false,
      why: `the scanner did not clear a harmless file (${harmless.status}: ${said(harmless)}): its workflow, licence or approvals need a look`,
    };
  }
  if (eicar.status === 'blocked' || eicar.gone) return { passed: true };
  return {
    passed: false,
    why: `the scanner did not block the EICAR test file (${eicar.status}: ${said(eicar)})`,
  };
}

function said({ details }: SelfTestAnswer): string {
  return details.length === 0 ? 'no reason given' : details.join(' ').slice(0, 300);
}
