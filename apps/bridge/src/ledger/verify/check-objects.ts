import { createHash } from 'node:crypto';
import { CustodyUnavailableError } from '../../custody/custody';
import type { Message } from '../../domain/message';
import type { Finding } from './finding';
import { finding } from './finding';

/** What is asked of custody. */
export interface ObjectLook {
  /** Whether custody has an object. */
  readonly hasObject: (key: string) => Promise<boolean>;
  /** The plain bytes of an object; absent where they are not to be read. */
  readonly readObject?: (key: string) => AsyncIterable<Uint8Array>;
  /** Called after each object that was read, and now and then in between, with the bytes read since the last call. */
  readonly onRead?: (read: { readonly objects: 0 | 1; readonly bytes: number }) => void;
  /** Whether a message's bytes are still to be there: retention may have taken them since the message was read. */
  readonly isWanted: (messageId: string) => Promise<boolean>;
}

/** Checks that the objects of a message are in custody and, where they are read, that they are the bytes that were taken. */
export async function checkObjects(
  { id, bytesRemoved, attachments }: Pick<Message, 'id' | 'bytesRemoved' | 'attachments'>,
  look: ObjectLook,
): Promise<Finding[]> {
  if (bytesRemoved) return [];
  const found: Finding[] = [];
  for (const { name, scan, custodyKey, size, sha256 } of attachments) {
    const original = { custodyKey, size, sha256 };
    for (const object of scan.sanitized === null ? [original] : [original, scan.sanitized]) {
      const problem = await problemOf(object, look);
      if (problem === null || !(await look.isWanted(id))) continue;
      found.push(finding('custody', id, `object ${object.custodyKey} (${JSON.stringify(name)}) ${problem}`));
    }
  }
  return found;
}

interface StoredObject {
  readonly custodyKey: string;
  readonly size: number;
  readonly sha256: string;
}

async function problemOf(
  { custodyKey, size, sha256 }: StoredObject,
  { hasObject, readObject, onRead }: ObjectLook,
): Promise<string | null> {
  if (!(await hasObject(custodyKey))) return 'is missing from custody';
  if (readObject === undefined) return null;
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const chunk of readObject(custodyKey)) {
      hash.update(chunk);
      bytes += chunk.length;
      onRead?.({ objects: 0, bytes: chunk.length });
    }
  } catch (error) {
    // Says nothing about this object: the whole look is off.
    if (error instanceof CustodyUnavailableError) throw error;
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    onRead?.({ objects: 1, bytes: 0 });
  }
  if (bytes !== size) return `has ${bytes} bytes; ${size} were taken`;
  return hash.digest('hex') === sha256 ? null : 'has other bytes than were taken';
}
