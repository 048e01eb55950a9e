import fc from 'fast-check';
import { buildWebhook } from '../testing/build-webhook';
import { parseWebhook } from './parse-webhook';

const type = fc.constantFrom('received' as const, 'sent' as const, 'failed' as const);
const text = fc.string({ minLength: 1 }).filter((value) => !value.includes('/'));
const parts = fc.record({
  messageId: fc.string({ minLength: 1 }).map((inner) => `<${inner}>`),
  station: text,
  partner: text,
  subject: text,
  attachmentNames: fc.array(text),
  at: fc.integer({ min: 0, max: 4e12 }),
});

describe('a webhook', () => {
  it('reads the same from both generations of keys, parsed, as text and as bytes', () => {
    fc.assert(
      fc.property(type, parts, (kind, given) => {
        const read = (['v1', 'v2', 'both'] as const).flatMap((generation) => {
          const body = buildWebhook(kind, given, generation);
          const json = JSON.stringify(body);
          return [body, json, Buffer.from(json)].map((form) => {
            const { raw, ...event } = parseWebhook(form);
            expect(raw).toEqual(body);
            return event;
          });
        });
        for (const event of read) expect(event).toEqual(read[0]);
        expect(read[0]).toMatchObject({
          type: kind,
          messageId: given.messageId,
          station: given.station,
          partner: given.partner,
          subject: given.subject,
          attachmentNames: given.attachmentNames,
          tenantId: '1',
          [{ received: 'receivedAt', sent: 'sentAt', failed: 'lastAttemptAt' }[kind]]: given.at,
        });
      }),
    );
  });

  it('reads the short form of a failure that was seen: id, reason and type alone', () => {
    const body = {
      messageAS2ID: '<1@x>',
      failureReason: 'Received HTTP status code of 422',
      eventType: 'MESSAGE.SEND.FAILED',
    };
    expect(parseWebhook(body)).toEqual({
      type: 'failed',
      messageId: '<1@x>',
      reason: 'Received HTTP status code of 422',
      attachmentKeys: [],
      attachmentNames: [],
      raw: body,
    });
  });

  it.each([
    ['of a new kind', { eventType: 'FILE.RECEIVED', messageIdentifier: '<1@x>' }, 'FILE.RECEIVED'],
    ['of no kind', { messageIdentifier: '<1@x>' }, undefined],
    ['without an id', { eventType: 'MESSAGE.SEND.SUCCESS' }, 'MESSAGE.SEND.SUCCESS'],
    [
      'with an id that addresses a box',
      { eventType: 'MESSAGE.SEND.SUCCESS', messageIdentifier: 'failed' },
      'MESSAGE.SEND.SUCCESS',
    ],
    ['that is a list', [1], undefined],
    ['that is null', null, undefined],
  ])('%s is unknown, and no error', (_what, body, eventType) => {
    expect(parseWebhook(body)).toEqual({ type: 'unknown', ...(eventType ? { eventType } : {}), raw: body });
  });

  it('keeps a tenant id beyond 2^53, and attachment names with slashes', () => {
    const json = JSON.stringify(buildWebhook('received', { attachmentNames: ['../../etc/passwd'] }));
    const event = parseWebhook(json.replace('"tenantId":1,', '"tenantId":159592985268293701,'));
    expect(event).toMatchObject({ tenantId: '159592985268293701', attachmentNames: ['../../etc/passwd'] });
  });

  it('throws for text that is no JSON', () => {
    expect(() => parseWebhook('<html>')).toThrow(SyntaxError);
  });

  it('never throws for anything parsed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (body) => {
        parseWebhook(typeof body === 'string' ? JSON.stringify(body) : body);
      }),
    );
  });
});
