import { bulkResult, failuresOnly } from './bulk-result';

const key = 'API_CANNOTDELETEFILENOTFOUND';

test('two lists', () => {
  expect(
    bulkResult.parse({
      successful_results: {
        entities: [{ message: null, ui_message_key: null, result: 'Success' }],
        success_counter: 1,
      },
      failed_results: { entities: [{ message: 'no', ui_message_key: key }], failed_counter: 1 },
      total_count: 2,
    }),
  ).toEqual({ succeeded: [{}], failed: [{ key, message: 'no' }] });
});

test('items with a word and a number of the same name', () => {
  expect(
    bulkResult.parse({
      final_result: 0,
      results: [
        { message: null, result: 'Success', ui_message_key: null, FolderName: 'a', Guid: 'g1', Result: 4 },
        { message: 'no', result: 'Error', ui_message_key: key, FolderName: 'b', Guid: 'g2', Result: 0 },
      ],
      success_counter: 1,
    }),
  ).toEqual({ succeeded: [{ id: 'g1' }], failed: [{ id: 'g2', key, message: 'no' }] });
});

test('pairs of key and value', () => {
  expect(
    bulkResult.parse({
      results: [
        { Key: 'id-1', Value: { message: null, ui_message_key: null } },
        { Key: 'id-2', Value: { message: 'no', ui_message_key: key } },
      ],
      success_counter: 1,
    }),
  ).toEqual({ succeeded: [{ id: 'id-1' }], failed: [{ id: 'id-2', key, message: 'no' }] });
});

test('failures that are counted and not listed are not thrown away', () => {
  expect(
    bulkResult.parse({
      successful_results: { entities: [{ result: 'Success' }], success_counter: 1 },
      failed_results: { entities: [{ ui_message_key: key }], failed_counter: 3 },
      total_count: 4,
    }),
  ).toEqual({ succeeded: [{}], failed: [{ key }, {}, {}] });
  expect(bulkResult.parse({ failed_results: { failed_counter: '2' } }).failed).toHaveLength(2);
});

test('an item that has something to say and no word for its result is no success', () => {
  expect(bulkResult.parse({ results: [{ Key: 'id-1', Value: { message: 'It is locked.' } }] })).toEqual({
    succeeded: [],
    failed: [{ id: 'id-1', message: 'It is locked.' }],
  });
});

test('a bare array of failures', () => {
  const failed = [{ key: 'API_FILE_UPDATE_NO_FILE_FOUND' }];
  const wire = [{ message: null, ui_message_key: 'API_FILE_UPDATE_NO_FILE_FOUND' }];
  expect(bulkResult.parse(wire)).toEqual({ succeeded: [], failed });
  expect(failuresOnly.parse(wire)).toEqual(failed);
  expect(failuresOnly.parse({ message: null, ui_message_key: null })).toEqual([]);
  expect(failuresOnly.parse(undefined)).toEqual([]);
});

test.each([{ ok: true }, 'done', null, { results: 'none' }])(
  '%j is no bulk answer: nobody is told that all went well',
  (wire) => {
    expect(() => bulkResult.parse(wire)).toThrow();
  },
);
