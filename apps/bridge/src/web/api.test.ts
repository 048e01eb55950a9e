import { sampleMessage, taking } from '../ledger/test/sample-message';
import type { ListenerFixture } from './test/listener-fixture';
import { openListener } from './test/listener-fixture';

let web: ListenerFixture;
beforeEach(async () => {
  web = await openListener();
});
afterEach(() => web.close());

describe('messages', () => {
  beforeEach(async () => {
    for (let count = 0; count < 5; count += 1) {
      await web.temporary.ledger.commit(
        taking(sampleMessage(`m${String(count)}`, { takenAt: 1_000 + count })),
      );
    }
  });

  test('are listed newest first, page by page', async () => {
    const first = await web.get('/api/v1/messages?limit=2');
    expect(first.status).toBe(200);
    const id = sampleMessage('m4', { takenAt: 1_004 }).message.id;
    expect(first.body.messages[0]).toEqual({
      id,
      gatewayMessageId: '<m4@acme>',
      station: 'HUB',
      partner: 'ACME',
      subject: null,
      receivedAt: 1_003,
      takenAt: 1_004,
      state: 'scanning',
      reasons: [],
      attachments: [0, 1].map((index) => ({
        id: expect.any(String),
        name: `m4-${String(index)}.xml`,
        size: 5_000_000_000 + index,
        sha256: String(index).repeat(64),
        media: 'xml',
      })),
      resends: 0,
      destinations: ['warehouse'],
    });
    const seen = [...first.body.messages];
    for (let next = first.body.next; next !== undefined;) {
      const page = await web.get(`/api/v1/messages?limit=2&cursor=${encodeURIComponent(next)}`);
      seen.push(...page.body.messages);
      next = page.body.next;
    }
    expect(seen.map(({ takenAt }) => takenAt)).toEqual([1_004, 1_003, 1_002, 1_001, 1_000]);
  });

  test('can be asked for by state', async () => {
    expect((await web.get('/api/v1/messages?state=scanning')).body.messages).toHaveLength(5);
    expect((await web.get('/api/v1/messages?state=held')).body).toEqual({ messages: [] });
  });

  test.each([
    ['limit=0', /limit: expected a whole number between 1 and 200/],
    ['limit=201', /limit: expected/],
    ['limit=ten', /limit: expected/],
    ['limit=', /limit: expected/],
    ['limit=1&limit=2', /limit: expected/],
    ['state=lost', /state: expected one of scanning, .*dead-letter/],
    ['cursor=nonsense', /cursor: .*not one of this list/],
    ['cursor=', /cursor: expected/],
    ['stat=held', /unknown parameter; expected state, limit or cursor/],
    ['limit=0&state=lost', /limit: .*state: |state: .*limit: /],
  ])('%s is refused with what was expected', async (query, message) => {
    expect(await web.get(`/api/v1/messages?${query}`)).toMatchObject({
      status: 400,
      body: { error: { code: 'bad-query', message: expect.stringMatching(message) } },
    });
  });

  test('one is shown with its obligations, work and timeline', async () => {
    const { message } = sampleMessage('m0');
    const { status, body } = await web.get(`/api/v1/messages/${message.id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: message.id,
      route: 'route',
      acknowledged: false,
      policyVersion: null,
      deliveries: [],
      obligations: message.obligations.map(({ id }) => ({ id, place: 'custody' })),
      timeline: [
        {
          sequence: expect.any(Number),
          at: 1_000,
          event: { type: 'taken', attachments: 2 },
          hash: expect.any(String),
        },
      ],
    });
    expect(body.work.map(({ stage }: { stage: string }) => stage).sort()).toEqual([
      'acknowledge',
      'scan',
      'scan',
    ]);
  });

  test('one that is not there is not found, whatever it is called', async () => {
    for (const id of ['none', '..%2f..%2fetc%2fpasswd', '%3Cm0%40acme%3E', 'x'.repeat(3_000)]) {
      expect(await web.get(`/api/v1/messages/${id}`)).toMatchObject({
        status: 404,
        body: { error: { code: 'not-found' } },
      });
    }
    expect(await web.get('/api/v1/messages/%E0%A4%A')).toMatchObject({
      status: 400,
      body: { error: { code: 'bad-path' } },
    });
  });

  test('what could not be taken is shown', async () => {
    await web.temporary.ledger.intakeFailures.record('<bad>', 'wrong shape', 5, 9);
    expect((await web.get('/api/v1/intake-failures')).body).toEqual({
      failures: [{ gatewayId: '<bad>', reason: 'wrong shape', tries: 1, firstAt: 5, nextAt: 9 }],
    });
  });
});

test('activity is as it is now', async () => {
  web.activity.begin({ stage: 'fetch', gatewayMessageId: '<1>', name: 'a', total: null }).progress(3);
  web.activity.pauseIntake('disk full');
  web.activity.serviceUp('gateway');
  expect((await web.get('/api/v1/activity')).body).toEqual({
    transfers: [{ stage: 'fetch', gatewayMessageId: '<1>', name: 'a', total: null, bytes: 3 }],
    services: [
      { name: 'gateway', up: true, since: 7 },
      { name: 'scanner', up: false, since: 7, reason: 'it has not answered since the start' },
    ],
    intake: { paused: true, reason: 'disk full' },
  });
});
