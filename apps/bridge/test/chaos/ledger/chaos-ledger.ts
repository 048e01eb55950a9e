import type { LedgerReader } from '../../../src/ledger/ledger-reader';

/** Where a rig's bridge keeps its ledger, and how a witness looks at it past the bridge. */
export interface ChaosLedger {
  readonly kind: 'sqlite' | 'postgres';
  /** `ledger:` of the configuration, and the variables that it refers to. */
  readonly section: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** @throws where there is none yet, or it cannot be reached */
  openReader(): Promise<LedgerReader>;
  /** Hashes of the events that stand under a seal, from the stored rows themselves. */
  sealedHashes(seal: number): Promise<readonly string[]>;
  /** What the database says of its own soundness; empty where nothing is wrong. */
  faults(): Promise<readonly string[]>;
  /** Each place in which it stores something, with all that is stored there, for who searches it. */
  stored(): Promise<readonly { readonly place: string; readonly text: string }[]>;
  /** What a server's own backup does; absent where the program itself makes backups. */
  readonly backups?: {
    dump(file: string): Promise<void>;
    /** In the place of what is there; all or nothing. */
    load(file: string): Promise<void>;
  };
  /** What it has stored is thrown away. */
  close(): Promise<void>;
}

export interface ChaosLedgerOptions {
  /** Of the bridge. */
  readonly dataDirectory: string;
  /** That the bridge has to give where it logs in. */
  readonly password: string;
}

/** Makes an empty place for a ledger. */
export type MakeLedger = (options: ChaosLedgerOptions) => Promise<ChaosLedger>;
