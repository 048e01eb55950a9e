import type { ChunkLedger } from './chunk-ledger';
import { createChunkLedger } from './chunk-ledger';
import type { FileCheckpoint, UploadCheckpoint } from './upload-checkpoint';

/** Stores a checkpoint. Awaited; what it throws fails the upload. */
export type OnCheckpoint = (checkpoint: UploadCheckpoint) => void | Promise<void>;

/** Watches an upload and tells its caller how far it has come. */
export interface CheckpointKeeper {
  /** Whether the caller holds something to resume from. */
  readonly told: () => boolean;
  /** A file was announced, or is taken up again. Resolves when the caller has stored it. */
  begin(file: Omit<FileCheckpoint, 'acknowledged' | 'closed'>, before?: FileCheckpoint): Promise<FileKeeper>;
}

export interface FileKeeper {
  readonly before: ChunkLedger['before'];
  acknowledged(index: number, sha256: string): Promise<void>;
  closed(): Promise<void>;
}

/**
 * @param groupId asked for late: the server may choose another one
 * @param report awaited, one call at a time; what came meanwhile is told together by the next one
 */
export function createCheckpointKeeper(
  groupId: () => string,
  report: OnCheckpoint | undefined,
  resume: UploadCheckpoint | undefined,
): CheckpointKeeper {
  const files = new Map<number, () => FileCheckpoint>();
  for (const file of resume?.files ?? []) files.set(file.position, () => file);
  let waiting: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  let telling = false;
  let told = resume !== undefined;

  const tellAll = async (to: OnCheckpoint): Promise<void> => {
    telling = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await to({ version: 1, groupId: groupId(), files: [...files.values()].map((file) => file()) });
        told = true;
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    telling = false;
  };
  const tell = (): Promise<void> =>
    report === undefined
      ? Promise.resolve()
      : new Promise((resolve, reject) => {
          waiting.push({ resolve, reject });
          if (!telling) void tellAll(report);
        });

  return {
    told: () => told,
    begin: async (file, before) => {
      const ledger = createChunkLedger(before?.acknowledged);
      let closed = before?.closed ?? false;
      files.set(file.position, () => ({ ...file, acknowledged: ledger.state(), closed }));
      if (before === undefined) await tell();
      return {
        before: (index) => ledger.before(index),
        acknowledged: (index, sha256) => {
          ledger.acknowledge(index, sha256);
          return tell();
        },
        closed: () => {
          closed = true;
          return tell();
        },
      };
    },
  };
}
