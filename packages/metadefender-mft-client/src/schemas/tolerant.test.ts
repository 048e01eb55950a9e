import { z } from 'zod';
import { optionalCount, optionalText, tolerant } from './tolerant';

const schema = tolerant(
  { file_id: z.string(), result: optionalText, size: optionalCount },
  { file_id: ['id'] },
);

test.each([{ file_id: 'x' }, { FileId: 'x' }, { fileId: 'x' }, { FILE_ID: 'x' }, { id: 'x' }, { Id: 'x' }])(
  '%j',
  (wire) => {
    expect(schema.parse(wire).file_id).toBe('x');
  },
);

test('the exact key wins over another casing', () => {
  expect(schema.parse({ file_id: 'x', Result: '4', result: 'Success' }).result).toBe('Success');
});

test('two other casings that contradict each other give no answer', () => {
  expect(schema.parse({ file_id: 'x', Result: 'Success', RESULT: 'Error' }).result).toBeUndefined();
});

test('unknown fields pass through', () => {
  expect(schema.parse({ file_id: 'x', new_in_4: [1] })).toMatchObject({ new_in_4: [1] });
});

test.each([
  [7, 7],
  ['7', 7],
  [-7, undefined],
  [7.5, undefined],
  ['7.5', undefined],
  [null, undefined],
])('the count %j reads as %j', (size, read) => expect(schema.parse({ file_id: 'x', size }).size).toBe(read));
