/** Bridges that share what a service grants: together they ask no more than one would, while they come and go. */
import { createRequestLimiter } from '@mft-bridge/http-transport';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from './rig/until';
import { shareLimits } from '../src/pipeline/share-limits';
import type { TestMember } from '../src/ledger/postgres/test/open-member';
import { openMember } from '../src/ledger/postgres/test/open-member';
import { newSchema } from '../src/ledger/postgres/test/temporary-postgres-ledger';
import { describeWithPostgres, testServer } from '../src/ledger/postgres/test/test-server';

jest.setTimeout(120_000);

const limit = { perSecond: 40, burst: 8 };

describeWithPostgres('three bridges', () => {
  const server = testServer();

  test('ask a service no more than one would', async () => {
    const schema = newSchema();
    const stop = new AbortController();
    let granted = 0;
    const working: Promise<void>[] = [];

    /** Asks as often as it may. */
    async function open(name: string): Promise<TestMember> {
      const member = await openMember({ url: server.url, schema, name, beatMs: 200, leaseMs: 60_000 });
      const keeper = createRequestLimiter({
        ...limit,
        now: () => performance.now(),
        sleep: async (ms, signal) => sleep(ms, undefined, { signal }),
      });
      shareLimits(member.membership, [{ limit, keeper }]);
      const work = async (): Promise<void> => {
        for (;;) {
          await keeper.take(0, stop.signal);
          granted += 1;
        }
      };
      working.push(work().catch(() => keeper.close()));
      return member;
    }

    const all: TestMember[] = [];
    const begun = performance.now();
    const most = (): number => ((performance.now() - begun) / 1_000) * limit.perSecond + limit.burst + 3;
    all.push(await open('first'));
    await until('the first works', () => (granted > 10 ? true : undefined));
    expect(granted).toBeLessThanOrEqual(most());
    all.push(...(await Promise.all([open('second'), open('third')])));
    await until('each has its part', () =>
      all.every(({ membership }) => membership.share() === 1 / 3) ? true : undefined,
    );
    const before = granted;
    await until('they work', () => (granted > before + 40 ? true : undefined));
    expect(granted).toBeLessThanOrEqual(most());
    await all[1]?.ledger.close();
    await until('the others have its part', () =>
      [all[0], all[2]].every((member) => member?.membership.share() === 1 / 2) ? true : undefined,
    );
    stop.abort();
    await Promise.all(working);
    expect(granted).toBeLessThanOrEqual(most());
    for (const { ledger } of all) await ledger.close();
  });
});
