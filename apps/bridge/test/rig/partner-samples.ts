import { randomBytes } from 'node:crypto';
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';

export interface Sample {
  readonly name: string;
  readonly contentType?: string;
  readonly content: Buffer;
}

const sample = (name: string, content: Buffer | string, contentType?: string): Sample => ({
  name,
  content: Buffer.from(content),
  ...(contentType === undefined ? {} : { contentType }),
});

/** An X12 850 with one line. */
export function purchaseOrder(quantity: number): Sample {
  const segments = [
    'ISA*00*          *00*          *ZZ*ACME           *ZZ*HUB            *261121*1200*U*00401*000000001*0*P*>',
    'GS*PO*ACME*HUB*20261121*1200*1*X*004010',
    'ST*850*0001',
    'BEG*00*SA*4711**20261121',
    `PO1*1*${String(quantity)}*EA*9.25**VP*WIDGET-7`,
    'SE*4*0001',
    'GE*1*1',
    'IEA*1*000000001',
  ];
  return sample('order.x12', segments.map((segment) => `${segment}~\n`).join(''), 'application/EDI-X12');
}

/** Three files that belong together. */
export function threeFiles(): readonly Sample[] {
  return [
    sample(
      'invoice.xml',
      '<?xml version="1.0"?>\n<Invoice><Total>1849.50</Total></Invoice>\n',
      'application/xml',
    ),
    sample('notes.txt', 'Please unload at gate 7.\n', 'text/plain'),
    sample('table.csv', 'id,amount\n1,9.25\n2,11.00\n', 'text/csv'),
  ];
}

/** The industry's test virus, put together here: the whole string on a disk wakes every virus scanner. */
export function eicar(): Sample {
  const parts = ['X5O!P%@AP[4', 'PZX54(P^)7CC)7}$', 'EICAR', 'STANDARD', 'ANTIVIRUS', 'TEST', 'FILE!$H+H*'];
  const [head = '', middle = '', ...words] = parts;
  return sample('update.com', `${head}\\${middle}${words.join('-')}`);
}

/** An image that would run a script. */
export function scriptedSvg(): Sample {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script><rect width="9" height="9"/></svg>\n';
  return sample('label.svg', svg, 'image/svg+xml');
}

export async function encryptedZip(): Promise<Sample> {
  configure({ useWebWorkers: false });
  const zip = new ZipWriter(new Uint8ArrayWriter(), { password: 'guess me', encryptionStrength: 3 });
  await zip.add('salaries.csv', new Uint8ArrayReader(Buffer.from('name,salary\nA. Person,1\n')));
  return sample('salaries.zip', Buffer.from(await zip.close()), 'application/zip');
}

/** Bytes without a meaning. */
export function noise(name: string, size: number): Sample {
  return sample(name, randomBytes(size));
}
