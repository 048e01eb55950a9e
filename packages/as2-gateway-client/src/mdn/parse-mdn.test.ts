import fc from 'fast-check';
import { parseMdn } from './parse-mdn';

const fieldLines = [
  'Reporting-UA: test',
  'Original-Recipient: rfc822; HUB',
  'Original-Message-ID: <1@mftgateway.com>',
  'Disposition: automatic-action/MDN-sent-automatically; processed',
  'Received-Content-MIC: 7v7F++fQaNB1sVLFtMRp+dF+eG4=, sha1',
];

function report(
  lines: readonly string[],
  boundary = 'b1',
  { headers = true, eol = '\r\n', encoding = '' } = {},
): string {
  const fields = lines.join(eol);
  return [
    ...(headers
      ? [
          `Content-Type: multipart/report; report-type=disposition-notification;${eol} boundary="${boundary}"`,
          '',
        ]
      : []),
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    'The message was received.',
    `--${boundary}`,
    'Content-Type: message/disposition-notification',
    ...(encoding === '' ? [] : [`Content-Transfer-Encoding: ${encoding}`]),
    '',
    encoding === 'base64' ? Buffer.from(fields).toString('base64') : fields,
    '',
    `--${boundary}--`,
    '',
  ].join(eol);
}

function signed(inner: string): string {
  return [
    'AS2-From: ACME',
    'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=outer',
    '',
    '--outer',
    inner,
    '--outer',
    'Content-Type: application/pkcs7-signature; name=smime.p7s',
    'Content-Transfer-Encoding: base64',
    '',
    'MIIB',
    '--outer--',
  ].join('\r\n');
}

describe('an MDN', () => {
  it.each([
    ['with its headers', report(fieldLines)],
    ['without its headers', report(fieldLines, 'b1', { headers: false })],
    ['with line feeds alone', report(fieldLines, 'b1', { eol: '\n' })],
    ['in base64', report(fieldLines, 'b1', { encoding: 'base64' })],
    [
      'in quoted-printable',
      report(
        fieldLines.map((line) => line.replace(/=/g, '=3D')),
        'b1',
        { encoding: 'quoted-printable' },
      ),
    ],
    ['signed', signed(report(fieldLines))],
    ['signed, without the outer headers', signed(report(fieldLines)).replace(/^[\s\S]*?\r\n\r\n/, '')],
    [
      'with a folded field',
      report([
        ...fieldLines.slice(0, 3),
        'Disposition: automatic-action/MDN-sent-automatically;',
        '\tprocessed',
        fieldLines[4]!,
      ]),
    ],
    ['cut off behind the fields', report(fieldLines).replace(/\r\n--b1--[\s\S]*$/, '')],
  ])('is read %s', (how, text) => {
    const mdn = parseMdn(Buffer.from(text, 'latin1'));
    expect(mdn).toMatchObject({
      disposition: { outcome: 'processed' },
      humanMessage: 'The message was received.',
      originalMessageId: '<1@mftgateway.com>',
      receivedContentMic: '7v7F++fQaNB1sVLFtMRp+dF+eG4=, sha1',
      signed: how.startsWith('signed'),
    });
    expect(mdn.fields.get('reporting-ua')).toBe('test');
    expect(String(mdn.raw)).toBe(text);
  });

  it('is bad where it says so', () => {
    const lines = fieldLines.map((line) =>
      line.replace('; processed', '; processed/error: decryption-failed'),
    );
    expect(parseMdn(Buffer.from(signed(report(lines)))).disposition?.outcome).toBe('processed-with-error');
  });

  it('proves nothing where it contradicts itself, or says it in another part', () => {
    const twice = [...fieldLines, 'Disposition: automatic-action/MDN-sent-automatically; failed'];
    expect(parseMdn(Buffer.from(report(twice))).disposition).toBeUndefined();
    expect(parseMdn(Buffer.from(report([...fieldLines].reverse().slice(0, 1)))).disposition).toBeUndefined();
    const inText = report([]).replace('The message was received.', 'Disposition: x; processed');
    expect(parseMdn(Buffer.from(inText)).disposition).toBeUndefined();
    expect(parseMdn(Buffer.from('Disposition: x; processed')).disposition).toBeUndefined();
  });

  it('comes through with any boundary', () => {
    const boundary = fc.stringMatching(/^[\w'()+,./:=?-]{1,70}$/);
    fc.assert(
      fc.property(boundary, (text) => {
        expect(parseMdn(Buffer.from(report(fieldLines, text))).disposition?.outcome).toBe('processed');
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(parseMdn(bytes).raw).toEqual(Buffer.from(bytes));
      }),
    );
    const pieces = fc.array(
      fc.constantFrom('--b', '--b--', '\r\n', 'Content-Type: multipart/mixed; boundary=b', 'x', ': '),
    );
    fc.assert(
      fc.property(pieces, (list) => {
        parseMdn(Buffer.from(list.join('\r\n')));
      }),
    );
  });
});
