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
  ['a broken escape', [at('AS2/files/HUB/ACME/inbox/18/%E0%A4%A')], true],
])('%s', (_, urls, expected) => {
  expect(maybeSameUpload(paths, urls)).toBe(expected);
});

test.each([[undefined], [[]], [[1]], [['elsewhere/order.x12']]])(
  'without paths of the known form nothing is said: %j',
  (given) => {
    expect(maybeSameUpload(given, [at('AS2/files/HUB/GLOBEX/inbox/18/order.x12')])).toBe(true);
  },
);
