import { submittedIdOf } from './submission';

describe('the id of a submit', () => {
  it.each([
    'messageIdentifier',
    'as2messageId',
    'as2MessageId',
    'identifier',
    'MESSAGEIDENTIFIER',
    'AS2MessageID',
  ])('is read from %s', (key) => {
    expect(submittedIdOf({ message: 'queued', [key]: '<1@x>' })).toBe('<1@x>');
  });

  it.each([undefined, null, 'text', [], {}, { messageIdentifier: '' }, { messageIdentifier: 7 }])(
    'is undefined for %p, and nothing is thrown',
    (body) => {
      expect(submittedIdOf(body)).toBeUndefined();
    },
  );
});
