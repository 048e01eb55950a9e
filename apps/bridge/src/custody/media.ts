import { fileTypeFromBuffer } from 'file-type';
import type { Media } from '../domain/media';
import { sniffTextMedia } from './text-media';

const documents =
  'pdf rtf ps eps epub mobi cfb docx docm dotx dotm xlsx xlsm xltx xltm pptx pptm ppsx ppsm potx potm vsdx odt ods odp odg ott ots otp otg';
const archives = 'zip tar tar.gz rar gz bz2 7z xz Z lz lz4 lzh zst cab ar arj cpio ace dmg asar';
const executables = 'exe elf macho class jar apk crx xpi wasm swf deb rpm lnk';
const texts = 'ics vcf vtt reg';
const families = new Map<string, Media>([
  ...familyOf(documents, 'document'),
  ...familyOf(archives, 'archive'),
  ...familyOf(executables, 'executable'),
  ...familyOf(texts, 'text'),
  ['pgp', 'signed'],
]);

/** Formats that are themselves text: only these are believed of a head without a single control character. */
const textual = new Set(['pdf', 'rtf', 'ps', 'eps', 'pgp', 'ics', 'vcf', 'vtt', 'reg']);

/**
 * What the bytes are, by their content. `head` are the first bytes (64 KiB are plenty); an office file whose kind stands
 * behind them counts as the archive that it also is. The name only breaks ties among kinds of text. Never throws.
 *
 * @example
 * await sniffMedia(Buffer.from('%PDF-1.7\n'), 'orders.csv'); // 'document'
 */
export async function sniffMedia(head: Buffer, name: string): Promise<Media> {
  const text = sniffTextMedia(head, name);
  if (text !== null && text !== 'text' && text !== 'csv') return text;
  if (text === null && isDerSignedData(head)) return 'signed';
  // Hostile heads (a ZIP that lies about its lengths) may throw: that is an "other", not a failed deposit.
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  if (found === undefined || (text !== null && !textual.has(found.ext))) return text ?? 'other';
  const family = families.get(found.ext);
  if (family !== undefined) return family;
  return found.mime.startsWith('image/') && found.ext !== 'dwg' ? 'image' : (text ?? 'other');
}

function familyOf(extensions: string, media: Media): [string, Media][] {
  return extensions.split(' ').map((extension) => [extension, media]);
}

/** CMS in DER or BER: SEQUENCE, then an object identifier of pkcs7 (signed, enveloped, ...) or of compressed data. */
function isDerSignedData(head: Buffer): boolean {
  if (head[0] !== 0x30) return false;
  const length = head[1] ?? 0;
  const start = length > 0x80 ? 2 + (length & 0x7f) : 2;
  const pkcs7 = Buffer.from('06092a864886f70d0107', 'hex');
  const compressed = Buffer.from('060b2a864886f70d0109100109', 'hex');
  return [pkcs7, compressed].some((oid) => head.subarray(start, start + oid.length).equals(oid));
}
