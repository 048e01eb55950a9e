import { parseTokenFile } from './parse-token-file';

const token = { tokenId: 'id-1', tokenSecret: 's/e+c==' };

test.each([
  ['two lines', 'id-1\ns/e+c==\n'],
  ['two lines of Windows', ' id-1 \r\n s/e+c== \r\n'],
  ['a CSV', 'Name,Token ID,Access Level,Token Secret\nci,id-1,Regular,s/e+c=='],
  ['a CSV with quotes, in another order', '"Token Secret","Token ID"\r\n"s/e+c==","id-1"\r\n'],
  ['JSON', '{"tokenId":"id-1","tokenSecret":"s/e+c=="}'],
  ['JSON in the spelling of the API', '{"tokenID":"id-1","tokenSecret":"s/e+c=="}'],
])('reads %s', (_name, text) => {
  expect(parseTokenFile(text)).toEqual(token);
});

test.each(['id-1', 'a\nb\nc', 'Token ID,Token Secret', '{"tokenId":1}', '{', 'a,b\nc,d'])(
  '%j holds none',
  (text) => {
    expect(parseTokenFile(text)).toBeUndefined();
  },
);
