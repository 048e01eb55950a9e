import { buffer } from 'node:stream/consumers';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

/** Twenty calls and their login, by a clock that moves only when the client waits. */
async function timeOf({ connect }: Pair, limit?: false): Promise<number> {
  const start = Date.now();
  let time = start;
  const options = {
    now: () => time,
    sleep: async (ms: number) => {
      await new Promise(setImmediate);
      time += ms;
    },
  };
  const gateway = connect({ ...options, limit });
  for (let call = 0; call < 20; call += 1) await gateway.inbox.list();
  return time - start;
}

describe('the request limit', () => {
  let pair: Pair | undefined;
  afterEach(async () => {
    await pair?.close();
    pair = undefined;
  });

  it('is ten at once and five a second unless told otherwise', async () => {
    const elapsed = await timeOf((pair = await startPair()));
    expect(elapsed).toBeGreaterThanOrEqual(2000);
    expect(elapsed).toBeLessThan(3000);
  });

  it('is spent by priority: who asks last and needs it most goes first', async () => {
    const { connect } = (pair = await startPair());
    let time = Date.now();
    const gateway = connect({
      limit: { perSecond: 20, burst: 1 },
      now: () => time,
      // Long enough for all four to stand in line, however slow the machine is: none of them waits for anything else.
      sleep: async (ms) => {
        for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
        time += ms;
      },
    });
    await gateway.inbox.list();
    const order: string[] = [];
    gateway.on('request', ({ operation }) => order.push(operation));
    await Promise.all([
      gateway.inbox.list(),
      gateway.inbox.list(),
      gateway.partners.list({ priority: 1 }),
      gateway.stations.list({ priority: 2 }),
    ]);
    expect(order).toEqual(['stations.list', 'partners.list', 'inbox.list', 'inbox.list']);
  });

  it('does not count downloads, which are another host’s', async () => {
    const { sandbox, connect } = (pair = await startPair());
    const { messageId } = await sandbox
      .partner('ACME')
      .send({ attachments: [{ name: 'a', content: Buffer.from('a') }] });
    let waited = 0;
    const gateway = connect({ limit: { perSecond: 1, burst: 2 }, sleep: async (ms) => void (waited += ms) });
    const [link] = (await gateway.inbox.attachments(messageId)).attachments; // the second: a login comes before it
    for (let count = 0; count < 5; count += 1) await buffer((await gateway.inbox.openAttachment(link!)).body);
    expect(waited).toBe(0);
  });

  it('can be switched off', async () => {
    expect(await timeOf((pair = await startPair()), false)).toBe(0);
  });
});
