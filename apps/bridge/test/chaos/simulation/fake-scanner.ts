import type { MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import { buildFileStatus } from '@mft-bridge/metadefender-mft-client/testing';
import { createHash } from 'node:crypto';
import type { Random } from '../random';
import type { World } from './world';
import { notFound } from './world';

/** What becomes of a file, drawn when it is closed. */
export type Fate = 'cleared' | 'blocked' | 'failed' | 'overridden';

interface StoredFile {
  readonly fileId: string;
  readonly groupId: string;
  readonly name: string;
  content: Buffer | null;
  readyAt: number;
}

/** @param fateOf what the engine says of a content; always the same for the same bytes */
export function createFakeScanner(
  world: World,
  random: Random,
  fateOf: (content: Buffer) => Fate,
): MetaDefenderClient {
  const files = new Map<string, StoredFile>();
  let count = 0;

  const status = (fileId: string): unknown => {
    const file = files.get(fileId);
    if (file?.content === null || file === undefined) throw notFound('files.status');
    const kind = world.now() < file.readyAt ? 'pending' : fateOf(file.content);
    return buildFileStatus(kind, { file_id: fileId, name: file.name, size: file.content.length });
  };

  async function uploadFile(
    source: { open: () => AsyncIterable<Buffer>; size: number },
    options: {
      groupId: string;
      fileName: string;
      onFileOpened: (fileId: string) => Promise<void>;
      beforeClose: (facts: { size: number; sha256: string }) => void;
    },
  ): Promise<{ fileId: string }> {
    const { groupId, fileName } = options;
    const fileId = await world.call('transferFiles.open', () => {
      count += 1;
      const id = count.toString(16).padStart(32, '0');
      files.set(id, { fileId: id, groupId, name: fileName, content: null, readyAt: 0 });
      return id;
    });
    await options.onFileOpened(fileId);
    const chunks: Buffer[] = [];
    for await (const chunk of source.open()) chunks.push(chunk);
    const content = Buffer.concat(chunks);
    options.beforeClose({ size: content.length, sha256: createHash('sha256').update(content).digest('hex') });
    await world.call('transfers.complete', () => {
      const file = files.get(fileId);
      if (file === undefined) throw notFound('transfers.complete');
      file.content = content;
      file.readyAt = world.now() + random.below(60_000);
    });
    return { fileId };
  }

  const client = {
    files: {
      status: (fileId: string) => world.call('files.status', () => status(fileId)),
      delete: (fileId: string) => world.call('files.delete', () => void files.delete(fileId)),
    },
    uploads: { uploadFile },
    transfers: {
      abort: ({ groupId }: { groupId: string }) =>
        world.call('transfers.abort', () => {
          for (const file of files.values()) if (file.groupId === groupId) files.delete(file.fileId);
        }),
    },
  };
  // Only what the stages use: anything else would throw, and show.
  return client as unknown as MetaDefenderClient;
}
