import fc from 'fast-check';
import { messageIdFromLink } from './link';

const base = 'https://api.mftgateway.com/message/outbox/';

describe('messageIdFromLink', () => {
  it.each([
    ['the documented form', `${base}<159599863352334660@mftgateway.com>`],
    ['percent-encoded', `${base}%3C159599863352334660%40mftgateway.com%3E`],
    ['encoded with a query', `${base}%3C159599863352334660%40mftgateway.com%3E?service=as2`],
    ['raw with a query', `${base}<159599863352334660@mftgateway.com>?service=as2`],
    ['RFC 8288, encoded', `<${base}%3C159599863352334660%40mftgateway.com%3E>; rel="self"`],
    ['RFC 8288, raw', `<${base}<159599863352334660@mftgateway.com>>; rel="self"`],
    ['RFC 8288, raw, no parameters', `<${base}<159599863352334660@mftgateway.com>>`],
    ['a path alone', '/message/outbox/<159599863352334660@mftgateway.com>'],
  ])('reads %s', (_form, header) => {
    expect(messageIdFromLink(header)).toBe('<159599863352334660@mftgateway.com>');
  });

  it.each([undefined, '', 'https://api.mftgateway.com/', base, '<https://example.com/next>; rel="next"'])(
    'finds none in %p',
    (header) => {
      expect(messageIdFromLink(header)).toBeUndefined();
    },
  );

  it('does not decode an id in raw brackets: a percent sign there stands for itself', () => {
    expect(messageIdFromLink(`${base}<a%20b@c>`)).toBe('<a%20b@c>');
  });

  it('reads any id in brackets from all forms', () => {
    const inner = fc
      .string({ unit: 'binary', minLength: 1 })
      .filter((text) => !/[<>\s\p{Surrogate}]/u.test(text));
    fc.assert(
      fc.property(inner, (text) => {
        const id = `<${text}>`;
        const encoded = `${base}${encodeURIComponent(id)}`;
        expect(messageIdFromLink(`${base}${id}`)).toBe(id);
        expect(messageIdFromLink(encoded)).toBe(id);
        expect(messageIdFromLink(`<${encoded}>; rel="self"`)).toBe(id);
        expect(messageIdFromLink(`<${base}${id}>; rel="self"`)).toBe(id);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        messageIdFromLink(`${base}${text}`);
        messageIdFromLink(`<${text}`);
      }),
    );
  });
});
