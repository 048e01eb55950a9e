import fc from 'fast-check';
import { parseMessagePage } from './message-page';

describe('a page of a list', () => {
  it('reads the same ids from every form', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), (ids) => {
        const forms = [
          ids,
          { messages: ids },
          { messages: ids, total: 7 },
          ...['identifier', 'as2MessageId', 'messageIdentifier', 'as2messageId'].map((key) => ({
            messages: ids.map((id) => ({ [key]: id, subject: 'x' })),
          })),
        ];
        for (const form of forms) expect(parseMessagePage(form)).toEqual({ ids, received: ids.length });
      }),
    );
  });

  it('drops doubles, but says how many entries came', () => {
    expect(parseMessagePage({ messages: ['<a>', '<b>', '<a>'] })).toEqual({
      ids: ['<a>', '<b>'],
      received: 3,
    });
  });

  it.each([{}, { messages: [7] }, { messages: [''] }, { messages: [{}] }, 'text', null])(
    'refuses %p',
    (value) => {
      expect(() => parseMessagePage(value)).toThrow();
    },
  );
});
