import { eicar, encryptedZip, invoiceXml, pdf, png, purchaseOrder, scriptedSvg } from './partner-files';

export type Outcome = 'forwarded' | 'quarantined' | 'held' | 'duplicate';

/** One attachment for the sandbox's control interface. */
export type SandboxAttachment =
  | { readonly name: string; readonly contentType?: string; readonly base64: string }
  | { readonly name: string; readonly generate: { readonly bytes: number; readonly seed: number } };

/** One row of the demo: what a partner sends and what has to become of it. */
export interface Scene {
  readonly title: string;
  readonly partner: 'ACME' | 'GLOBEX';
  readonly messageId: string;
  readonly subject: string;
  readonly attachments: readonly SandboxAttachment[];
  readonly expected: Outcome;
}

/** Partners' systems choose the ids; nothing stops them from using one twice. */
const firstId = '<850-4711@acme.example>';

const megabyte = 1_000_000;

/** The twelve messages. ACME's go to another AS2 partner, GLOBEX's into a folder. */
export async function scenes(): Promise<readonly Scene[]> {
  const file = (name: string, content: Buffer, contentType?: string): SandboxAttachment => ({
    name,
    base64: content.toString('base64'),
    ...(contentType === undefined ? {} : { contentType }),
  });
  const order = file('order-4711.x12', purchaseOrder('4711', 12), 'application/EDI-X12');
  return [
    scene('X12 850 purchase order', 'ACME', 'forwarded', [order], {
      messageId: firstId,
      subject: 'Order 4711',
    }),
    scene('XML, PDF and PNG in one message', 'ACME', 'forwarded', [
      file('invoice.xml', invoiceXml(), 'application/xml'),
      file('invoice.pdf', pdf('Invoice INV-2026-114'), 'application/pdf'),
      file('stamp.png', png(48, [36, 99, 180]), 'image/png'),
    ]),
    scene('EICAR', 'ACME', 'quarantined', [file('update.com', eicar())]),
    scene('a clean file and EICAR together', 'ACME', 'quarantined', [
      file('notes.txt', Buffer.from('Nothing wrong with this one.\n'), 'text/plain'),
      file('setup.com', eicar()),
    ]),
    scene('an SVG with a script', 'ACME', 'forwarded', [file('label.svg', scriptedSvg(), 'image/svg+xml')]),
    scene('an encrypted ZIP', 'ACME', 'held', [
      file('salaries.zip', await encryptedZip('guess me'), 'application/zip'),
    ]),
    scene('a 200 MB file, to a folder', 'GLOBEX', 'forwarded', [
      { name: 'scans-2026.tiff', generate: { bytes: 200 * megabyte, seed: 7 } },
    ]),
    scene('a 20 MB file, to an AS2 partner', 'ACME', 'held', [
      { name: 'drawings.dwg', generate: { bytes: 20 * megabyte, seed: 8 } },
    ]),
    scene('the first message once more', 'ACME', 'duplicate', [order], {
      messageId: firstId,
      subject: 'Order 4711',
    }),
    scene(
      "the first message's id, other bytes",
      'ACME',
      'held',
      [file('order-4711.x12', purchaseOrder('4711', 1200))],
      {
        messageId: firstId,
        subject: 'Order 4711',
      },
    ),
    scene('a file named ../../etc/passwd', 'GLOBEX', 'forwarded', [
      file('../../etc/passwd', Buffer.from('root:x:0:0::/root:/bin/sh\n'), 'text/plain'),
    ]),
    scene('a name in umlauts and Chinese', 'GLOBEX', 'forwarded', [
      file('Prüfbericht für 发票 2026.pdf', pdf('Pruefbericht'), 'application/pdf'),
    ]),
  ];
}

function scene(
  title: string,
  partner: Scene['partner'],
  expected: Outcome,
  attachments: readonly SandboxAttachment[],
  more: { messageId?: string; subject?: string } = {},
): Scene {
  const slug = title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return {
    title,
    partner,
    expected,
    attachments,
    messageId: `<${slug}@${partner.toLowerCase()}.example>`,
    subject: title,
    ...more,
  };
}
