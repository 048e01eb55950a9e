import { inspect } from 'node:util';
import type { AttachmentLink } from '../src/index';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

/** Everything that a logger, a debugger or a careless `JSON.stringify` would write. */
function shown(value: unknown): string {
  const views = [
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    inspect(value, { depth: Infinity, customInspect: false }),
    String(value),
    JSON.stringify(value),
  ];
  if (value instanceof Error)
    views.push(value.stack ?? '', JSON.stringify(Object.entries(value)), shown(value.cause));
  return views.join('\n');
}

const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe('secrets', () => {
  let pair: Pair | undefined;
  afterEach(async () => {
    await pair?.close();
    pair = undefined;
  });

  it('are in nothing that a program would print', async () => {
    const { sandbox, gateway, connect, advance } = (pair = await startPair());
    const canary = 'canary-of-a-secret';
    const { messageId } = await sandbox
      .partner('ACME')
      .send({ attachments: [{ name: 'a', content: Buffer.from('a') }] });
    const list = await gateway.inbox.attachments(messageId);
    const link = list.attachments[0]!;
    const signature = /X-Amz-Signature=([0-9a-f]+)/.exec(link.url)![1]!;
    const events: unknown[] = [];
    for (const event of ['request', 'response', 'retry'] as const)
      gateway.on(event, (one) => events.push(one));

    const refused = connect({ auth: { username: canary, password: canary } });
    const things: unknown[] = [
      gateway,
      refused,
      list,
      link,
      { ...link },
      structuredClone({ ...link }),
      events,
    ];
    things.push(await caught(refused.inbox.list()));
    things.push(await caught(gateway.inbox.get('<none@x>')));
    things.push(await caught(gateway.inbox.openAttachment({ id: messageId, position: 3, name: canary })));
    things.push(
      await caught(
        gateway.messages.send({
          from: `${canary}\r\n`,
          to: 'ACME',
          attachments: [{ name: `${canary}\n`, content: Buffer.from('a') }],
        }),
      ),
    );
    await (await gateway.inbox.openAttachment(link)).body.resume().toArray();
    await gateway.inbox.delete(messageId);
    advance(11 * 60_000);
    things.push(await caught(gateway.inbox.openAttachment(link)));
    await sandbox.unplug();
    things.push(await caught(gateway.inbox.openAttachment(link)));

    const { tokenId, tokenSecret, password } = sandbox.credentials;
    for (const secret of [signature, 'X-Amz-Signature', tokenSecret, tokenId, password, canary]) {
      for (const thing of things) expect(shown(thing)).not.toContain(secret);
    }
    expect(events.length).toBeGreaterThan(3);
  });

  it('an address is there for whoever asks for it', async () => {
    const { sandbox, gateway } = (pair = await startPair());
    const { messageId } = await sandbox
      .partner('ACME')
      .send({ attachments: [{ name: 'a', content: Buffer.from('a') }] });
    const link: AttachmentLink = (await gateway.inbox.attachments(messageId)).attachments[0]!;
    expect((await fetch(link.url)).status).toBe(200);
    expect(inspect(link)).toContain('[secret]');
  });

  it('no file is fetched from a host that is not allowed, nor from this machine for a gateway elsewhere', async () => {
    const { gateway, connect, sandbox } = (pair = await startPair());
    const { messageId } = await sandbox
      .partner('ACME')
      .send({ attachments: [{ name: 'a', content: Buffer.from('a') }] });
    const { attachments } = await gateway.inbox.attachments(messageId);
    const elsewhere = connect({ baseUrl: 'https://api.mftgateway.com', auth: { provider: () => 't' } });
    const before = sandbox.calls['GET /{bucket}/{*key}'];
    await expect(elsewhere.inbox.openAttachment(attachments[0]!)).rejects.toMatchObject({
      outcome: 'not-sent',
    });
    const foreign = Object.defineProperty({ id: messageId, position: 0, name: 'a' }, 'url', {
      get: () => 'https://attacker.example/file',
    });
    await expect(gateway.inbox.openAttachment(foreign as AttachmentLink)).rejects.toMatchObject({
      outcome: 'not-sent',
    });
    expect(sandbox.calls['GET /{bucket}/{*key}']).toBe(before);
  });
});
