import { finished, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { fromRandomAccessReader, RandomAccessReader, type Entry, type ZipFile } from 'yauzl';
import type { Content } from './content';

/** One entry of a ZIP's central directory. */
export interface ZipMember {
  /** Size after inflation as the directory declares it; a member that inflates to another one fails. */
  readonly size: number;
  readonly encrypted: boolean;
  readonly directory: boolean;
  /** Opens the inflated bytes. Rejects for a compression method other than stored and deflated. */
  open(): Promise<Readable>;
}

/** The reader yauzl asks for pieces of the archive: a class because yauzl wants a subclass of its own. */
class ContentReader extends RandomAccessReader {
  readonly #content: Content;

  constructor(content: Content) {
    super();
    this.#content = content;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    if (start >= 0 && start <= end && end <= this.#content.size) return this.#content.read(start, end);
    // A damaged directory points anywhere. Thrown here, the error would escape from a callback of yauzl.
    return new Readable({
      read() {
        this.destroy(new Error('The ZIP points to bytes behind its own end.'));
      },
    });
  }
}

/**
 * Walks the members of a ZIP by its central directory, one at a time: nothing is read of a member that
 * is not opened, and nothing is held but the member at hand.
 *
 * @param content - The whole archive.
 * @throws Error of yauzl if the content is no readable ZIP (also for an encrypted central directory).
 * @example
 * for await (const member of zipMembers(blob)) if (member.encrypted) return 'not scannable';
 */
export async function* zipMembers(content: Content): AsyncGenerator<ZipMember> {
  const zip = await openZip(await withoutPrefix(content));
  try {
    for (;;) {
      const entry = await nextEntry(zip);
      if (entry === undefined) return;
      yield {
        size: entry.uncompressedSize,
        encrypted: entry.isEncrypted(),
        // 47 is '/': with decodeStrings off the name is a Buffer, whatever the type says.
        directory: entry.uncompressedSize === 0 && (entry.fileName as unknown as Buffer).at(-1) === 47,
        open: () => openMember(zip, entry),
      };
    }
  } finally {
    zip.close();
  }
}

// The end record of a ZIP is 22 bytes and a comment of at most 65,535 (APPNOTE 4.3.16).
const END_RECORD_BYTES = 22;
const END_SEARCH_BYTES = END_RECORD_BYTES + 65_535;
const ZIP64 = 0xffffffff;

/**
 * Leaves out what stands in front of an archive, as the program of a self-extracting one: positions in a directory
 * count from where the archive began before it was glued on, and yauzl takes them as they are.
 */
async function withoutPrefix(content: Content): Promise<Content> {
  const tail = await buffer(content.read(Math.max(0, content.size - END_SEARCH_BYTES)));
  const at = tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (at < 0 || at + END_RECORD_BYTES > tail.length) return content;
  const bytes = tail.readUInt32LE(at + 12);
  const position = tail.readUInt32LE(at + 16);
  // In ZIP64 these say nothing, and records of its own stand in between.
  if (bytes === ZIP64 || position === ZIP64) return content;
  const prefix = content.size - tail.length + at - bytes - position;
  if (prefix <= 0) return content;
  return {
    size: content.size - prefix,
    read: (start = 0, end = content.size - prefix) => content.read(start + prefix, end + prefix),
  };
}

function openZip(content: Content): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    fromRandomAccessReader(
      new ContentReader(content),
      content.size,
      // Names stay bytes: yauzl refuses an archive for a member called `../x`, which must still be scanned.
      { lazyEntries: true, autoClose: false, decodeStrings: false },
      (error: Error | null, zip) => {
        if (error) reject(error);
        else resolve(zip);
      },
    );
  });
}

function nextEntry(zip: ZipFile): Promise<Entry | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      zip.off('entry', onEntry).off('end', onEnd).off('error', onError);
      act();
    };
    const onEntry = (entry: Entry): void => {
      settle(() => {
        resolve(entry);
      });
    };
    const onEnd = (): void => {
      settle(() => {
        resolve(undefined);
      });
    };
    const onError = (error: Error): void => {
      settle(() => {
        reject(error);
      });
    };
    zip.on('entry', onEntry).on('end', onEnd).on('error', onError);
    zip.readEntry();
  });
}

function openMember(zip: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error: Error | null, stream) => {
      if (error) {
        reject(error);
        return;
      }
      // A member that is left half-read may still fail later, when nobody listens any more.
      finished(stream, () => undefined);
      stream.on('error', () => undefined);
      resolve(stream);
    });
  });
}
