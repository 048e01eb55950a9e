import { attachment, gatewayFixture, login, segment } from './gateway-fixture';

const v1 = {
  auth: ['api_token', 'refresh_token'],
  message: ['as2MessageId', 'receiverAS2Id', 'senderAS2Id'],
  query: 'partnerAS2Id',
  body: 'as2MessageIds',
  submit: 'as2messageId',
  station: 'as2Identifier',
};
const v2 = {
  auth: ['apiToken', 'refreshToken'],
  message: ['identifier', 'receiverIdentifier', 'senderIdentifier'],
  query: 'partnerIdentifier',
  body: 'messageIdentifiers',
  submit: 'messageIdentifier',
  station: 'identifier',
};

describe.each([
  ['v1', [v1], [v2]],
  ['v2', [v2], [v1]],
  ['both', [v1, v2], []],
] as const)('names of the generation %s (reference, section 3)', (names, present, absent) => {
  it('are used in every answer and read in every request, and no others', async () => {
    const fixture = await gatewayFixture({ names });
    const { gateway, json, list, call } = fixture;
    await gateway.partner('ACME').send({ messageId: '<1@a>', attachments: [attachment()] });
    const auth = await (await login(gateway)).json();
    const message = await json('GET', `/message/inbox/${segment('<1@a>')}?markAsRead=false`);
    const submitted = await json('POST', '/message/submit', {
      body: 'x',
      headers: { 'AS2-From': 'HUB', 'AS2-To': 'ACME' },
    });
    const [station] = (await json('GET', '/station')).stations;
    for (const { auth: tokens, message: fields, submit, station: party, query } of present) {
      for (const name of tokens) expect(auth).toHaveProperty(name);
      for (const name of fields) expect(message).toHaveProperty(name);
      expect(message.mdnMessage).toHaveProperty(fields[0]!, '<1@a>');
      expect(submitted).toHaveProperty(submit);
      expect(station).toHaveProperty(party, 'HUB');
      expect(await list(`/message/inbox?${query}=NOBODY`)).toEqual([]);
    }
    for (const { auth: tokens, message: fields, submit, station: party, query, body } of absent) {
      for (const name of tokens) expect(auth).not.toHaveProperty(name);
      for (const name of fields) expect(message).not.toHaveProperty(name);
      expect(message.mdnMessage).not.toHaveProperty(fields[0]!);
      expect(submitted).not.toHaveProperty(submit);
      expect(station).not.toHaveProperty(party);
      expect(await list(`/message/inbox?${query}=NOBODY`)).toEqual(['<1@a>']);
      expect(
        (await call('POST', '/message/inbox/delete', { body: JSON.stringify({ [body]: ['<1@a>'] }) })).status,
      ).toBe(400);
    }
    const [{ body }] = present;
    expect(
      await json('POST', '/message/inbox/delete', { body: JSON.stringify({ [body]: ['<1@a>'] }) }),
    ).toEqual({ deleted: ['<1@a>'] });
    await gateway.close();
  });
});
