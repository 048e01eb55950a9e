import type { TemporaryLedger } from '../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../ledger/test/temporary-ledger';
import { sampleMessage, taking } from '../ledger/test/sample-message';
import { createLogger } from '../telemetry/log';
import { sweepCustody } from './sweep-custody';

const day = 24 * 3_600_000;
const log = createLogger({ level: 'error', secrets: [] });
let temporary: TemporaryLedger;
let stored: Set<string>;
let underWay: Set<string>;

beforeEach(async () => {
  temporary = await openTemporaryLedger();
  await temporary.ledger.commit(taking(sampleMessage('m')));
  underWay = new Set();
  stored = new Set(['custody-m-0', 'custody-m-1', 'nobodys']);
});
afterEach(() => temporary.close());

async function sweep(now: number): Promise<readonly string[]> {
  const custody = {
    async *list() {
      for (const key of stored) yield await Promise.resolve({ key, at: 0, mayBeUnderWay: underWay.has(key) });
    },
    remove: (key: string) => Promise.resolve(void stored.delete(key)),
  };
  await sweepCustody({ ledger: temporary.ledger, custody: custody as never, log, now: () => now });
  return [...stored];
}

test('removes what no message refers to, and nothing else', async () => {
  expect(await sweep(0)).toEqual(['custody-m-0', 'custody-m-1']);
});

test('what another bridge may be about to write down stays', async () => {
  underWay.add('nobodys');
  expect(await sweep(0)).toContain('nobodys');
});

test('after a restore everything stays for 40 days: what was taken since the backup is not known', async () => {
  await temporary.ledger.settings.set('after-restore', JSON.stringify({ at: 1_000 }));
  expect(await sweep(1_000 + 40 * day - 1)).toContain('nobodys');
  expect(await sweep(1_000 + 40 * day)).toEqual(['custody-m-0', 'custody-m-1']);
});
