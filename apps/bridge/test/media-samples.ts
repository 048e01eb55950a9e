import { deflateRawSync, gzipSync } from 'node:zlib';
import type { Media } from '../src/domain/media';

interface MediaSample {
  readonly what: string;
  readonly bytes: Buffer;
  readonly name?: string;
  readonly media: Media;
}

/** A ZIP's local headers and nothing behind them: as a head that was cut shows them. */
function zipHead(entries: readonly [name: string, text: string][]): Buffer {
  const parts = entries.map(([name, text]) => {
    const data = deflateRawSync(Buffer.from(text));
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(20, 4);
    header.writeUInt16LE(8, 8);
    header.writeUInt32LE(data.length, 18);
    header.writeUInt32LE(text.length, 22);
    header.writeUInt16LE(name.length, 26);
    return Buffer.concat([header, Buffer.from(name), data]);
  });
  return Buffer.concat(parts);
}

const contentTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`;
const isa =
  'ISA*00*          *00*          *ZZ*ACME           *ZZ*HUB            *250101*1200*U*00401*000000001*0*P*>~GS*PO*ACME*HUB~';
const png = Buffer.from(
  '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f030005fe02fea135810e0000000049454e44ae426082',
  'hex',
);
const pe = Buffer.concat([Buffer.from('MZ\x90\x00\x03\x00\x00\x00', 'latin1'), Buffer.alloc(200)]);
const tar = Buffer.alloc(1024);
tar.write('orders.txt');
tar.write('0000644\0', 100);
tar.write('ustar\0', 257);
const tarSum = tar.reduce((sum, byte) => sum + byte, 0) + 8 * 32;
tar.write(`${tarSum.toString(8).padStart(6, '0')}\0 `, 148);

const text = (what: string, content: string, media: Media, name?: string): MediaSample => ({
  what,
  bytes: Buffer.from(content),
  media,
  ...(name === undefined ? {} : { name }),
});

/** One head of each kind that the bridge tells apart, and those that are easily taken for another. */
export const mediaSamples: readonly MediaSample[] = [
  { what: 'a PNG', bytes: png, media: 'image' },
  {
    what: 'a JPEG',
    bytes: Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb', 'hex'),
    media: 'image',
  },
  { what: 'a ZIP', bytes: zipHead([['a.txt', 'hello']]), media: 'archive' },
  {
    what: 'a Word file',
    bytes: zipHead([
      ['[Content_Types].xml', contentTypes],
      ['word/document.xml', '<w/>'],
    ]),
    media: 'document',
  },
  { what: 'a gzip', bytes: gzipSync('hello'), media: 'archive' },
  { what: 'a tar', bytes: tar, media: 'archive' },
  {
    what: 'a 7z',
    bytes: Buffer.concat([Buffer.from('377abcaf271c0004', 'hex'), Buffer.alloc(40)]),
    media: 'archive',
  },
  {
    what: 'a RAR',
    bytes: Buffer.concat([Buffer.from('526172211a070100', 'hex'), Buffer.alloc(40)]),
    media: 'archive',
  },
  { what: 'a Windows program', bytes: pe, media: 'executable' },
  {
    what: 'an ELF program',
    bytes: Buffer.concat([Buffer.from('7f454c46020101', 'hex'), Buffer.alloc(60)]),
    media: 'executable',
  },
  {
    what: 'S/MIME in DER',
    bytes: Buffer.concat([Buffer.from('3082010006092a864886f70d010702a0', 'hex'), Buffer.alloc(99)]),
    media: 'signed',
  },
  { what: 'noise', bytes: Buffer.from('0001fe03ee9a77c1000000', 'hex'), media: 'other' },
  { what: 'nothing', bytes: Buffer.alloc(0), media: 'other' },
  {
    what: 'XML in UTF-16',
    bytes: Buffer.from('\ufeff<?xml version="1.0"?><Order/>', 'utf16le'),
    media: 'xml',
  },
  {
    what: 'a table in Latin-1',
    bytes: Buffer.from('Größe;Straße;Ort\n1;2;3\n4;5;6\n', 'latin1'),
    media: 'csv',
  },
  text('a PDF', '%PDF-1.7\n1 0 obj\n<<>>\nendobj\n', 'document'),
  text('an RTF', '{\\rtf1\\ansi hello}', 'document'),
  text('X12', isa, 'edi'),
  text('X12 named as text', isa, 'edi', 'readme.txt'),
  text('EDIFACT with UNA', "UNA:+.? 'UNB+UNOA:2+ACME+HUB+250101:1200+1'", 'edi'),
  text('EDIFACT without UNA', "UNB+UNOC:3+ACME+HUB+250101:1200+1'", 'edi'),
  text('words that begin like X12', 'ISA is a name.\nSo is UNB.', 'text'),
  text('XML', '<?xml version="1.0"?>\n<!-- an order -->\n<Order xmlns="urn:x"><Id>1</Id></Order>', 'xml'),
  text('XML without prolog', '<ns:Order id="1"/>', 'xml'),
  text(
    'XML with a document type',
    '<?xml version="1.0"?><!DOCTYPE Order [<!ELEMENT Order (#PCDATA)>]><Order/>',
    'xml',
  ),
  text('an SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', 'image'),
  text(
    'an SVG behind prolog, comment and document type',
    '\ufeff<?xml version="1.0"?><!-- <html> --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd">\n<svg:svg xmlns:svg="u"/>',
    'image',
  ),
  text('HTML', '<!DOCTYPE html><html><body>hi</body></html>', 'document'),
  text('HTML without document type', '\n<HTML><script>1</script></HTML>', 'document'),
  text('an HTML fragment', '<script>alert(1)</script>', 'document'),
  text('JSON', ' {"orders": [1, 2]}', 'json'),
  text('a JSON list', '[{"id":1}]', 'json'),
  text('words in brackets', '[note] call back', 'text'),
  text('CSV', 'id,name,amount\n1,"Bolt, large",3\n2,Nut,4\n', 'csv', 'orders.dat'),
  text('one column, named CSV', 'id\n1\n2\n', 'csv', 'orders.CSV'),
  text('one column, named text', 'id\n1\n2\n', 'text', 'orders.txt'),
  text('a table that begins like a bitmap', 'BMW,2,3\nBMX,5,6\n', 'csv'),
  text('words that begin like a program', 'MZ is the mark of a program.\n', 'text', 'note.txt'),
  text('a letter', 'Hello,\nRegards,\n', 'text'),
  text('PGP', '-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n', 'signed'),
  text(
    'S/MIME',
    'MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol="application/pkcs7-signature"\r\n\r\nx',
    'signed',
  ),
  text('PKCS #7 in PEM', '-----BEGIN PKCS7-----\nMIIB\n-----END PKCS7-----\n', 'signed'),
  text('words behind headers', 'Subject: x\r\n\r\ncontent-type: multipart/signed', 'text'),
];
