import { maybeSameUpload } from './same-upload';

const paths = ['AS2/files/HUB/ACME/inbox/17/order.x12', 'AS2/files/HUB/ACME/inbox/17/a b.txt'];
const at = (key: string): string => `https://mftg.s3.amazonaws.com/${key}?X-Amz-Signature=x`;

test.each([
  [
    'the same folder',
    [at('AS2/files/HUB/ACME/inbox/17/order.x12'), at('AS2/files/HUB/ACME/inbox/17/a%20b.txt')],
    true,
  ],
  ['the bucket in the path', ['https://s3.example/mftg/AS2/files/HUB/ACME/inbox/17/order.x12'], true],
  ['another partner', [at('AS2/files/HUB/GLOBEX/inbox/18/order.x12')], false],
  ['a later message of the same partner', [at('AS2/files/HUB/ACME/inbox/18/order.x12')], false],
  [
    'one of two',
    [at('AS2/files/HUB/ACME/inbox/17/order.x12'), at('AS2/files/HUB/ACME/inbox/18/order.x12')],
    false,
  ],
  ['addresses of another form', ['https://files.example/d/8f2c'], true],
  // A partner chooses the name: it must not turn the question off.
  ['a broken escape in the name', [at('AS2/files/HUB/ACME/inbox/18/%E0%A4%A')], false],
  ['a broken escape in the stamp', [at('AS2/files/HUB/ACME/inbox/%E0%A4%A/a.edi')], true],
])('%s', (_, urls, expected) => {
  expect(maybeSameUpload(paths, urls)).toBe(expected);
});

test.each([[undefined], [[]], [[1]], [['elsewhere/order.x12']]])(
  'without paths of the known form nothing is said: %j',
  (given) => {
    expect(maybeSameUpload(given, [at('AS2/files/HUB/GLOBEX/inbox/18/order.x12')])).toBe(true);
  },
);

const folder = (partner: string, stamp: string): string => `AS2/files/HUB/${partner}/inbox/${stamp}/a.edi`;
const forms = ['My Partner', 'My+Partner', 'My%20Partner', 'My%2520Partner', 'My%2BPartner', 'My%zzPartner'];

test.each(forms.flatMap((stored) => forms.map((sent) => [stored, sent] as const)))(
  'a partner stored as "%s" and sent as "%s" is no other upload; a later message of his is',
  (stored, sent) => {
    const path = folder(stored, '17');
    expect(maybeSameUpload([path], [at(folder(sent, '17'))])).toBe(true);
    expect(maybeSameUpload([path], [at(folder(sent, '18'))])).toBe(false);
  },
);

test.each([
  ['the stamp encoded', 'AS2/files/HUB/ACME/inbox/a b/x', 'AS2/files/HUB/ACME/inbox/a%2520b/x', true],
  ['a plus in the stamp', 'AS2/files/HUB/ACME/inbox/a+b/x', 'AS2/files/HUB/ACME/inbox/a%20b/x', true],
  ['the slashes encoded', 'AS2/files/HUB/ACME/inbox/17/x', 'AS2%2Ffiles%2FHUB%2FACME%2Finbox%2F17%2Fx', true],
  [
    'the slashes, and another stamp',
    'AS2/files/HUB/ACME/inbox/17/x',
    'AS2%2Ffiles%2FHUB%2FACME%2Finbox%2F18%2Fx',
    false,
  ],
  ['a stamp not to be decoded', 'AS2/files/HUB/ACME/inbox/1%zz/x', 'AS2/files/HUB/ACME/inbox/18/x', true],
  ['a slash in the partner', 'AS2/files/HUB/P/1/inbox/17/x', 'AS2/files/HUB/P/1/inbox/18/x', true],
  [
    'a name with a percent sign',
    'AS2/files/HUB/ACME/inbox/17/100%.pdf',
    'AS2/files/HUB/ACME/inbox/17/100%25.pdf',
    true,
  ],
])('%s', (_, path, key, expected) => {
  expect(maybeSameUpload([path], [at(key)])).toBe(expected);
});

test('one path of another form: any address may be its', () => {
  expect(maybeSameUpload([...paths, 'elsewhere/b.txt'], [at(folder('ACME', '18'))])).toBe(true);
});
