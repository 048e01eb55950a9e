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

  it('can be switched off', async () => {
    expect(await timeOf((pair = await startPair()), false)).toBe(0);
  });
});
