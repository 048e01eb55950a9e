import { z } from 'zod';
import { InvalidRequestError } from '@mft-bridge/http-transport';
import { idInput } from '../schemas/inputs';
import type { AcknowledgedChunks } from './chunk-ledger';
import { MAX_CHUNK_BYTES } from './chunk-plan';

/** How far one file of an upload has come. */
export interface FileCheckpoint {
  /** its place in the list that was given to `uploadFiles`; 0 for `uploadFile` */
  readonly position: number;
  /** as announcing it answered */
  readonly fileId: string;
  /** the name that was sent */
  readonly fileName: string;
  /** the folder that was sent */
  readonly folder?: string | undefined;
  /** bytes */
  readonly size: number;
  /** bytes */
  readonly chunkBytes: number;
  /** which chunks the server has, and by which bytes */
  readonly acknowledged: AcknowledgedChunks;
  /** all bytes are there and the server was told so */
  readonly closed: boolean;
}

/**
 * How far an upload has come: plain JSON, to be stored and handed to another process as `resume`. It holds no credentials and no content,
 * but ids with which its user can abort the upload. About 300 bytes a file, however large the file is.
 */
export interface UploadCheckpoint {
  /** of this form */
  readonly version: 1;
  /** the group, as opening it answered */
  readonly groupId: string;
  /** those that were announced to the server */
  readonly files: readonly FileCheckpoint[];
}

const count = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const file = z
  .strictObject({
    position: count,
    fileId: idInput,
    fileName: z.string().min(1),
    folder: z.string().optional(),
    size: count,
    chunkBytes: z.number().int().min(1).max(MAX_CHUNK_BYTES),
    acknowledged: z.strictObject({
      contiguous: count,
      sha256: sha256.optional(),
      ahead: z.array(z.strictObject({ index: count, sha256 })),
    }),
    closed: z.boolean(),
  })
  .refine(({ size, chunkBytes, acknowledged: { contiguous, sha256: prefix, ahead }, closed }) => {
    const chunks = Math.ceil(size / chunkBytes);
    const indexes = ahead.map(({ index }) => index);
    return (
      contiguous <= chunks &&
      (contiguous === 0) === (prefix === undefined) &&
      indexes.every((index) => index > contiguous && index < chunks) &&
      new Set(indexes).size === indexes.length &&
      (!closed || contiguous === chunks)
    );
  }, 'contradicts itself');
const checkpoint = z
  .strictObject({ version: z.literal(1), groupId: idInput, files: z.array(file).min(1) })
  .refine(
    ({ files }) => new Set(files.map(({ position }) => position)).size === files.length,
    'names a file twice',
  );

/**
 * Reads a checkpoint that was stored somewhere. A damaged one could leave a hole in the file at the server, so it must be exact.
 *
 * @param value what `JSON.parse` gave
 * @throws InvalidRequestError
 * @example
 * const resume = parseCheckpoint(JSON.parse(await readFile('upload.json', 'utf8')));
 */
export function parseCheckpoint(value: unknown): UploadCheckpoint {
  const parsed = checkpoint.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, code, message }) => ({
    path: path.join('.'),
    code,
    message,
  }));
  throw new InvalidRequestError({
    operation: 'uploads.resume',
    message: `This is no checkpoint of an upload (${issues[0]?.path ?? ''}: ${issues[0]?.message ?? 'unreadable'}).`,
    hint: 'Upload anew, and abort the group of the old upload if you know its id.',
    issues,
  });
}
