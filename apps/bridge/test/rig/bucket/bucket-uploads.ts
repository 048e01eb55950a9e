import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

const smallestPart = 5 * 1024 * 1024;

/** The uploads in parts of a bucket, which its server keeps and does not list. */
export interface BucketUploads {
  add(id: string, name: string): void;
  has(id: string | null): boolean;
  /** Whether all parts but the last are as large as stores want them. */
  areLarge(id: string, count: number): Promise<boolean>;
  forget(id: string): void;
  abort(id: string): Promise<void>;
  /** Sets back the time at which all were begun. */
  age(ms: number): void;
  count(): number;
  xml(prefix: string): string;
}

/** `directory` is the bucket's. */
export function createBucketUploads(directory: string): BucketUploads {
  const open = new Map<string, { name: string; at: number }>();
  const folder = (id: string): string => join(directory, '._S3rver_uploads', id);
  return {
    add: (id, name) => void open.set(id, { name, at: Date.now() }),
    has: (id) => id !== null && open.has(id),
    async areLarge(id, count) {
      for (let number = 1; number < count; number += 1)
        if ((await stat(join(folder(id), String(number)))).size < smallestPart) return false;
      return true;
    },
    forget: (id) => void open.delete(id),
    async abort(id) {
      open.delete(id);
      await rm(folder(id), { recursive: true, force: true });
    },
    age(ms) {
      for (const upload of open.values()) upload.at -= ms;
    },
    count: () => open.size,
    xml(prefix) {
      const uploads = [...open].filter(([, { name }]) => name.startsWith(prefix));
      const items = uploads.map(
        ([id, { name, at }]) =>
          `<Upload><Key>${name}</Key><UploadId>${id}</UploadId><Initiated>${new Date(at).toISOString()}</Initiated></Upload>`,
      );
      return `<?xml version="1.0" encoding="UTF-8"?><ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${items.join('')}</ListMultipartUploadsResult>`;
    },
  };
}
