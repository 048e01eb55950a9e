import { oldNamesIn } from './old-names';

describe('old names in an answer', () => {
  it.each<[string, unknown, string[]]>([
    ['a login', { api_token: 'x', refresh_token: 'y' }, ['api_token', 'refresh_token']],
    ['a submit', { message: 'ok', as2messageId: '<1@x>' }, ['as2messageId']],
    [
      'a message',
      { as2MessageId: '<1@x>', senderAS2Id: 'A', receiverAS2Id: 'B' },
      ['as2MessageId', 'senderAS2Id', 'receiverAS2Id'],
    ],
    [
      'a list of objects',
      { messages: [{ as2MessageId: '<1@x>' }, { as2MessageId: '<2@x>' }] },
      ['as2MessageId'],
    ],
    ['a list of ids', { messages: ['as2MessageId'] }, []],
    ['a list of stations', { stations: [{ as2Identifier: 'HUB' }] }, ['as2Identifier']],
    ['a bare list', [{ as2Identifier: 'HUB' }], ['as2Identifier']],
    ['a certificate', { serial_number: 1, valid_from: 'x', expiry: 'y' }, ['serial_number', 'valid_from']],
    ['both generations at once', { as2MessageId: '<1@x>', identifier: '<1@x>' }, []],
    ['an old name that is empty', { as2MessageId: null, identifier: '<1@x>' }, []],
    ['a new name that is empty', { as2MessageId: '<1@x>', identifier: null }, ['as2MessageId']],
    ['the new generation', { identifier: '<1@x>', mdnMessage: { as2MessageId: '<1@x>' } }, []],
    ['no record', 'as2MessageId', []],
    ['nothing', undefined, []],
  ])('%s', (_what, answer, expected) => {
    expect(oldNamesIn(answer).map(({ old }) => old)).toEqual(expected);
  });
});
