import { startPair } from './start-pair';

/** Twenty calls and their login, by a clock that moves only when the client waits. */
async function timeOf(limit?: false): Promise<number> {
  const { connect, close } = await startPair();
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
  await close();
  return time - start;
}

describe('the request limit', () => {
  it('is ten at once and five a second unless told otherwise', async () => {
    const elapsed = await timeOf();
    expect(elapsed).toBeGreaterThanOrEqual(2000);
    expect(elapsed).toBeLessThan(3000);
  });

  it('can be switched off', async () => {
    expect(await timeOf(false)).toBe(0);
  });
});
