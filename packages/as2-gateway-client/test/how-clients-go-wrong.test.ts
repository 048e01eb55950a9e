import { buffer } from 'node:stream/consumers';
import { isResponseShapeError } from '../src/index';
import { startScriptedGateway } from './scripted-gateway';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

/** What public clients of this service were seen to do wrong, each as a test that our defaults cannot. */
describe('what real clients of this service get wrong', () => {
  let pair: Pair | undefined;
  afterEach(async () => {
    await pair?.close();
    pair = undefined;
  });

  const fill = async ({ sandbox }: Pair, count: number): Promise<string[]> => {
    const ids: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const content = Buffer.from(String(index));
      const attachments = ['first.txt', 'second.txt'].map((name) => ({ name, content }));
      ids.push((await sandbox.partner('ACME').send({ attachments })).messageId);
    }
    return ids;
  };

  it('only the newest ten are read', async () => {
    const { gateway } = (pair = await startPair());
    const ids = await fill(pair, 25);
    expect((await gateway.inbox.list()).ids).toEqual(ids);
  });

  it('messages are never marked read, so that the same ones come again and again; or by a mere look', async () => {
    const { gateway } = (pair = await startPair());
    const [first = '', second = ''] = await fill(pair, 2);
    await gateway.inbox.get(first);
    await gateway.inbox.get(first, { markAsRead: 'false' as unknown as boolean });
    await gateway.inbox.attachments(first);
    for await (const message of gateway.inbox.drain()) if (message.id === second) await message.acknowledge();
    expect((await gateway.inbox.list()).ids).toEqual([first]);
  });

  it('only the first attachment is taken', async () => {
    const { gateway } = (pair = await startPair());
    await fill(pair, 1);
    const taken: string[] = [];
    for await (const { attachments } of gateway.inbox.drain())
      for (const { name, open } of attachments) taken.push(`${name} ${String(await buffer(await open()))}`);
    expect(taken).toEqual(['first.txt 0', 'second.txt 0']);
  });

  it.each(['messageIdentifier', 'as2messageId', 'as2MessageId'] as const)(
    'one spelling of the id is known: %s',
    async (submitIdKey) => {
      const { gateway, sandbox, advance } = (pair = await startPair({ submitIdKey }));
      const { id } = await gateway.messages.send({
        from: 'HUB',
        to: 'ACME',
        attachments: [{ name: 'a', content: Buffer.from('a') }],
      });
      advance(10_000);
      expect(sandbox.received.map(({ messageId }) => messageId)).toEqual([id]);
    },
  );

  it('tokens are refreshed in a race', async () => {
    const { connect, sandbox, advance } = (pair = await startPair());
    const { username, password } = sandbox.credentials;
    const gateway = connect({ auth: { username, password } });
    const many = () => Promise.all(Array.from({ length: 20 }, () => gateway.inbox.list()));
    await many();
    advance(61 * 60_000);
    await many();
    sandbox.faults.add({
      on: 'GET /message/inbox',
      fault: { kind: 'reject-token', status: 401, forGood: true },
      times: 1,
    });
    await many();
    const { 'POST /authorize': logins = 0, 'POST /refresh-session': refreshes = 0 } = sandbox.calls;
    expect({ logins, refreshes }).toEqual({ logins: 1, refreshes: 2 });
  });

  it('a submit is sent again after its answer was lost', async () => {
    const { gateway, sandbox, advance } = (pair = await startPair());
    sandbox.faults.add({ on: 'POST /message/submit', fault: { kind: 'lost-answer' } });
    const send = gateway.messages.send({
      from: 'HUB',
      to: 'ACME',
      attachments: [{ name: 'a', content: Buffer.from('a') }],
    });
    await expect(send).rejects.toMatchObject({ outcome: 'unknown' });
    advance(10_000);
    expect(sandbox.partner('ACME').received).toHaveLength(1);
    expect(sandbox.calls['POST /message/submit']).toBe(1);
  });

  it.each([
    ['a page of a proxy', { text: '<html>Sign in</html>', headers: { 'content-type': 'text/html' } }],
    ['a message for people', { json: { message: 'Something went wrong' } }],
    ['nothing', { text: '' }],
  ])('the text of an error is taken for data: a 200 with %s', async (_what, answer) => {
    const server = await startScriptedGateway(() => answer);
    try {
      const gateway = server.connect();
      for (const call of [
        () => gateway.inbox.list(),
        () => gateway.inbox.get('<1@x>'),
        () => gateway.inbox.attachments('<1@x>'),
        () => gateway.partners.list(),
      ]) {
        const error: unknown = await call().catch((reason: unknown) => reason);
        expect(isResponseShapeError(error)).toBe(true);
      }
    } finally {
      await server.close();
    }
  });
});
