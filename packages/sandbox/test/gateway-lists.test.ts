import { attachment, gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

describe('lists (reference, section 6)', () => {
  let fixture: GatewayFixture;
  beforeAll(async () => {
    fixture = await gatewayFixture({
      stations: ['HUB', 'ANNEX'],
      partners: ['ACME', { identifier: 'WAREHOUSE', name: 'Main warehouse' }],
    });
    const { gateway } = fixture;
    for (let n = 1; n <= 12; n += 1)
      await gateway
        .partner('ACME')
        .send({ messageId: `<a${n}@acme>`, subject: `order ${n}`, attachments: [attachment()] });
    await gateway
      .partner('WAREHOUSE')
      .send({ to: 'ANNEX', messageId: '<w1@w>', subject: 'stock', attachments: [attachment()] });
  });
  afterAll(() => fixture.gateway.close());

  it('answers ids alone, newest first, ten at a time', async () => {
    const answer = await fixture.json('GET', '/message/inbox');
    expect(answer).toEqual({
      messages: ['<w1@w>', ...Array.from({ length: 9 }, (_, n) => `<a${12 - n}@acme>`)],
    });
  });

  it('sorts upwards on request and counts pages, not rows', async () => {
    expect(await fixture.list('/message/inbox?sortDir=asc&pageLength=5&pageOffset=1')).toEqual(
      [6, 7, 8, 9, 10].map((n) => `<a${n}@acme>`),
    );
    expect(await fixture.list('/message/inbox?pageLength=5&pageOffset=2')).toEqual(
      [3, 2, 1].map((n) => `<a${n}@acme>`),
    );
    expect(await fixture.list('/message/inbox?pageLength=5&pageOffset=3')).toEqual([]);
    expect(await fixture.list('/message/inbox?pageLength=100')).toHaveLength(13);
  });

  it.each(['pageLength=0', 'pageLength=101', 'pageLength=ten', 'pageOffset=-1', 'sortDir=up'])(
    'refuses %s',
    async (query) => {
      const answer = await fixture.call('GET', `/message/inbox?${query}`);
      expect(answer.status).toBe(400);
      expect(((await answer.json()) as Json).message).toContain(query.split('=')[0]);
    },
  );

  it('filters by partner and station, also together', async () => {
    expect(await fixture.list('/message/inbox?partnerIdentifier=WAREHOUSE')).toEqual(['<w1@w>']);
    expect(await fixture.list('/message/inbox?stationIdentifier=ANNEX')).toEqual(['<w1@w>']);
    expect(await fixture.list('/message/inbox?stationIdentifier=ANNEX&partnerIdentifier=ACME')).toEqual([]);
  });

  it('filters by id or subject while no primary filter is there', async () => {
    expect(await fixture.list(`/message/inbox?identifier=${segment('<a3@acme>')}`)).toEqual(['<a3@acme>']);
    expect(await fixture.list('/message/inbox?subject=order%207')).toEqual(['<a7@acme>']);
  });

  it('silently ignores secondary filters beside a primary one', async () => {
    expect(await fixture.list('/message/inbox?partnerIdentifier=WAREHOUSE&subject=order%207')).toEqual([
      '<w1@w>',
    ]);
  });

  it('silently ignores the second of two secondary filters', async () => {
    expect(await fixture.list(`/message/inbox?subject=stock&identifier=${segment('<a3@acme>')}`)).toEqual([
      '<a3@acme>',
    ]);
  });

  it('has no messages of the other service', async () => {
    expect(await fixture.list('/message/inbox?service=sftp')).toEqual([]);
    expect(await fixture.list('/message/inbox?service=as2&pageLength=1')).toEqual(['<w1@w>']);
  });

  it('silently ignores names of the other generation, which leaves the list unfiltered', async () => {
    expect(await fixture.list('/message/inbox?partnerAS2Id=WAREHOUSE&pageLength=100')).toHaveLength(13);
  });

  it('leaves out what was read, unless all is asked for, and shows it again once unread', async () => {
    const path = `/message/inbox/${segment('<a3@acme>')}`;
    await fixture.call('GET', path);
    const unread = await fixture.list('/message/inbox?pageLength=100&sortDir=asc');
    expect(unread).toHaveLength(12);
    expect(unread).not.toContain('<a3@acme>');
    expect(await fixture.list('/message/inbox?pageLength=100&fetchAll=true')).toContain('<a3@acme>');
    await fixture.call('POST', `${path}/markUnread`);
    // in its old place
    expect(await fixture.list('/message/inbox?pageLength=4&sortDir=asc')).toEqual(
      [1, 2, 3, 4].map((n) => `<a${n}@acme>`),
    );
  });

  it('lists stations and partners', async () => {
    expect(await fixture.json('GET', '/station')).toEqual({
      stations: [
        { identifier: 'HUB', name: 'HUB' },
        { identifier: 'ANNEX', name: 'ANNEX' },
      ],
    });
    expect(await fixture.json('GET', '/partner')).toEqual({
      partners: [
        { identifier: 'ACME', name: 'ACME' },
        { identifier: 'WAREHOUSE', name: 'Main warehouse' },
      ],
    });
  });
});

it('loses messages for a caller that pages by offset while it marks as read, as the service does', async () => {
  const fixture = await gatewayFixture();
  for (let n = 1; n <= 6; n += 1)
    await fixture.gateway.partner('ACME').send({ messageId: `<${n}@a>`, attachments: [attachment()] });
  const seen: string[] = [];
  for (let page = 0; ; page += 1) {
    const ids = await fixture.list(`/message/inbox?sortDir=asc&pageLength=2&pageOffset=${page}`);
    if (ids.length === 0) break;
    for (const id of ids) await fixture.call('GET', `/message/inbox/${segment(id)}`);
    seen.push(...ids);
  }
  expect(seen).toEqual(['<1@a>', '<2@a>', '<5@a>', '<6@a>']);
  await fixture.gateway.close();
});

it('answers page and message from an inbox of 10,000 unread in a few milliseconds', async () => {
  const fixture = await gatewayFixture();
  const content = Buffer.from('ISA');
  for (let n = 0; n < 10_000; n += 1)
    await fixture.gateway
      .partner('ACME')
      .send({ messageId: `<${n}@a>`, attachments: [attachment('a.edi', content)] });
  const started = performance.now();
  for (let n = 0; n < 20; n += 1) {
    expect(await fixture.list(`/message/inbox?sortDir=asc&pageLength=100&pageOffset=99`)).toHaveLength(100);
    await fixture.call('GET', `/message/inbox/${segment(`<${n}@a>`)}?markAsRead=false`);
  }
  // Far above what it takes (about 2 ms a call), far below what a scan per call would.
  expect((performance.now() - started) / 40).toBeLessThan(400);
  await fixture.gateway.close();
});
