import fc from 'fast-check';
import { messageIdProblem, sameMessageId } from './message-id';

describe('message ids', () => {
  it.each(['', '.', '..', 'queued', 'failed', 'incomplete', '\ud800'])('refuses %p', (id) => {
    expect(messageIdProblem(id)).toEqual(expect.any(String));
  });

  it('takes any other text, and each comes back from its path segment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
        fc.pre(!/\p{Surrogate}/u.test(text));
        const id = `<${text}>`;
        expect(messageIdProblem(id)).toBeUndefined();
        const { pathname } = new URL(`/message/inbox/${encodeURIComponent(id)}/attachments`, 'https://host');
        const segments = pathname.split('/');
        expect(segments).toHaveLength(5);
        expect(decodeURIComponent(segments[3]!)).toBe(id);
      }),
    );
  });

  it('compares without the brackets', () => {
    expect(sameMessageId('<a@b>', 'a@b')).toBe(true);
    expect(sameMessageId('<a@b>', '<a@c>')).toBe(false);
    expect(sameMessageId('<a@b', 'a@b')).toBe(false);
  });
});
