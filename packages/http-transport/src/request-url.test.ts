import fc from 'fast-check';
import { InvalidRequestError } from './errors/invalid-request-error';
import { requestHeaders } from './request-headers';
import { requestUrl } from './request-url';

const operation = { name: 'files.status', path: '/file/{id}/of/{owner}' };
const fill = (id: string | number, query = {}): string =>
  requestUrl('https://host/base', operation, { params: { id, owner: 'me' }, query });

describe('request url', () => {
  it('makes each parameter exactly one segment, whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (id) => {
        fc.pre(id !== '.' && id !== '..');
        const url = new URL(fill(id));
        const segments = url.pathname.split('/');
        expect(segments).toHaveLength(6);
        expect(decodeURIComponent(segments[3]!)).toBe(id);
        expect(url.search + url.hash).toBe('');
      }),
    );
  });

  it.each(['', '.', '..', '\ud800'])('refuses the segment %j before anything is sent', (id) => {
    expect(() => fill(id)).toThrow(InvalidRequestError);
  });

  it.each(['', 'thing', '.evil.example/x', '@evil.example', ':8080/x', '?x', '#x'])(
    'refuses the path %j, which could make another host of the base URL',
    (path) => {
      expect(() => requestUrl('https://host', { ...operation, path }, {})).toThrow(/begin with a slash/);
    },
  );

  it('refuses a parameter that is missing', () => {
    expect(() => requestUrl('https://host', operation, { params: { id: 1 } })).toThrow(/"owner" is empty/);
  });

  it('leaves out undefined, repeats arrays, and encodes names and values', () => {
    expect(fill(1, { a: undefined, b: [1, 'x&y'], 'c d': true, e: '' })).toBe(
      'https://host/base/file/1/of/me?b=1&b=x%26y&c%20d=true&e=',
    );
  });
});

describe('request headers', () => {
  it('later sources win, names are lower-case, undefined is left out', () => {
    expect(
      requestHeaders('o', { Accept: 'a', 'X-One': 1 }, undefined, { accept: 'b', gone: undefined }),
    ).toEqual({
      accept: 'b',
      'x-one': '1',
    });
  });

  it('keeps Latin-1 as it is', () => {
    expect(requestHeaders('o', { name: 'größe é' })).toEqual({ name: 'größe é' });
  });

  it.each([
    ['value', 'a\r\nInjected: 1'],
    ['value', 'a\u0000'],
    ['value', '日本'],
    ['bad name', 'x'],
  ])('refuses %s: %j without showing the value', (name, value) => {
    expect(() => requestHeaders('o', { [name]: value })).toThrow(InvalidRequestError);
    expect(() => requestHeaders('o', { [name]: value })).not.toThrow(/Injected|日本/);
  });
});
