import fc from 'fast-check';
import { attachmentNameOf, parseInboxMessage, parseOutboxMessage } from './message';

const text = fc.string({ minLength: 1 });
const fields = fc.record({
  id: text,
  sender: text,
  receiver: text,
  subject: fc.option(fc.string(), { nil: undefined }),
  timestamp: fc.option(fc.integer({ min: 0 }), { nil: undefined }),
  apiFetched: fc.option(fc.boolean(), { nil: undefined }),
});

function wire(
  { id, sender, receiver, ...rest }: { id: string; sender: string; receiver: string },
  generation: 'v1' | 'v2' | 'both',
) {
  const v1 = { as2MessageId: id, senderAS2Id: sender, receiverAS2Id: receiver };
  const v2 = { identifier: id, senderIdentifier: sender, receiverIdentifier: receiver };
  return { ...rest, ...(generation === 'v2' ? {} : v1), ...(generation === 'v1' ? {} : v2) };
}

describe('a message', () => {
  it('reads the same from both generations of names', () => {
    fc.assert(
      fc.property(fields, (message) => {
        const [v1, v2, both] = (['v1', 'v2', 'both'] as const).map((generation) => {
          const { raw, ...parsed } = parseInboxMessage(wire(message, generation));
          expect(raw).toEqual(wire(message, generation));
          return parsed;
        });
        expect(v1).toEqual(v2);
        expect(both).toEqual(v2);
        expect(v2).toMatchObject({ id: message.id, station: message.receiver, partner: message.sender });
      }),
    );
  });

  it('turns sender and receiver around in the outbox', () => {
    const message = parseOutboxMessage({ senderIdentifier: 'HUB', receiverIdentifier: 'ACME' });
    expect(message).toMatchObject({ station: 'HUB', partner: 'ACME' });
  });

  it('needs nothing but the parties in the inbox, and nothing at all in the outbox', () => {
    expect(parseInboxMessage({ senderAS2Id: 'ACME', receiverAS2Id: 'HUB' })).toEqual({
      station: 'HUB',
      partner: 'ACME',
      attachmentNames: [],
      raw: { senderAS2Id: 'ACME', receiverAS2Id: 'HUB' },
    });
    expect(parseOutboxMessage({})).toEqual({ attachmentNames: [], raw: {} });
  });

  it('passes unknown fields and states through', () => {
    const message = parseOutboxMessage({ msgStatus: 'Something New', later: { x: 1 }, failures: 'many' });
    expect(message.status).toBe('Something New');
    expect(message.failures).toBeUndefined();
    expect(message.raw).toMatchObject({ later: { x: 1 }, failures: 'many' });
  });

  it.each([
    ['no sender', { receiverIdentifier: 'HUB' }],
    ['an id of another kind', { identifier: 7, senderIdentifier: 'A', receiverIdentifier: 'B' }],
    ['micMatches of another kind', { micMatches: 'no', senderIdentifier: 'A', receiverIdentifier: 'B' }],
    ['paths of another kind', { attachmentPaths: [1], senderIdentifier: 'A', receiverIdentifier: 'B' }],
    ['no object', ['<a@b>']],
  ])('refuses %s', (_what, value) => {
    expect(() => parseInboxMessage(value)).toThrow();
  });

  it('reads the receipt', () => {
    const { receipt } = parseOutboxMessage({
      mdnMessage: {
        disposition: 'automatic-action/MDN-sent-automatically; processed',
        incoming: true,
        messageId: '1',
      },
    });
    expect(receipt).toMatchObject({ incoming: true, disposition: { outcome: 'processed' } });
  });

  it('keeps slashes that belong to a name', () => {
    expect(attachmentNameOf('AS2/files/HUB/ACME/inbox/123/../../etc/passwd')).toBe('../../etc/passwd');
    expect(attachmentNameOf('AS2/files/HUB/ACME/outbox/123/a.xml')).toBe('a.xml');
    expect(attachmentNameOf('elsewhere/a.xml')).toBe('a.xml');
    expect(attachmentNameOf('a.xml')).toBe('a.xml');
  });
});
