/** Something that must hold in a ledger and does not. */
export interface Finding {
  /** Which invariant, in a word. */
  readonly check:
    | 'file'
    | 'state'
    | 'audit'
    | 'history'
    | 'place'
    | 'evidence'
    | 'work'
    | 'custody'
    | 'claim'
    | 'removal'
    | 'seal';
  readonly messageId: string | null;
  readonly problem: string;
  /** What to do about it. */
  readonly advice: string;
}

const altered =
  'The ledger was written by something else than the bridge, or its disk failed. Keep the file, and compare with a backup and with the exported seals.';

const advice: Record<Finding['check'], string> = {
  file: 'Stop the bridge, keep the file for an examination, and restore the last backup with "mft-bridge ledger restore FILE --after-restore".',
  state: altered,
  audit: altered,
  history: altered,
  place:
    'Do not replay the message. Look at its destinations for what really arrived, and report this as a fault of the bridge.',
  evidence:
    'Treat the file as not scanned: tell the receiver, and report this as a fault of the bridge or as tampering.',
  work: 'Start the bridge, or start it again; where it stays, replay the message once it is held, and report this as a fault of the bridge.',
  custody:
    'Put the object back from a backup of the custody directory, or ask the partner to send the message again.',
  removal:
    'Something else than retention took a message away. Look for it in a backup of the ledger from before that time, and compare with the exported seals.',
  claim: 'Two deliveries count on one submission: ask the receiver which one arrived.',
  seal: 'Events were altered or removed after they were sealed, or the seal file was. Compare with a copy of the seals that is kept on another machine.',
};

/** A finding with its advice. */
export function finding(check: Finding['check'], messageId: string | null, problem: string): Finding {
  return { check, messageId, problem, advice: advice[check] };
}
