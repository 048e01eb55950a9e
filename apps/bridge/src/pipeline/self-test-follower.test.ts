/** Of several bridges one lets the scanner prove itself; the others go by what it wrote into the ledger. */
import { until } from '../../test/rig/until';
import type { Membership } from '../ledger/membership';
import { soleMembership } from '../ledger/membership';
import { createActivity } from '../telemetry/activity';
import { createLogger } from '../telemetry/log';
import type { SelfTest } from './self-test';
import { createSelfTest } from './self-test';

const settings = new Map<string, string>();
const wake = jest.fn();
let holds: boolean;
let clock: number;
let asked: number;
let selfTest: SelfTest;

beforeEach(() => {
  settings.clear();
  wake.mockClear();
  [holds, clock, asked] = [false, 1_000_000, 0];
  const membership: Membership = { ...soleMembership('b'), several: true, holds: () => holds };
  const context = {
    membership,
    wake,
    scanner: {
      uploads: {
        uploadFile() {
          asked += 1;
          return Promise.reject(new Error('not to be reached'));
        },
      },
    },
    activity: createActivity({ now: () => clock }),
    log: createLogger({ level: 'error', destination: { write: () => undefined } }),
    now: () => clock,
    newId: () => 'id',
    ledger: {
      settings: {
        get: (key: string) => Promise.resolve(settings.get(key)),
        set: (key: string, value: string) => Promise.resolve(void settings.set(key, value)),
      },
    },
  } as unknown as Parameters<typeof createSelfTest>[0];
  selfTest = createSelfTest(context, { enabled: true, intervalMs: 20, deadlineMs: 10, firstPollMs: 1 });
  selfTest.start();
});
afterEach(() => selfTest.stop());

const found = (passed: boolean, doubtful: readonly object[] = []): void => {
  const result = passed ? { passed } : { passed, why: 'it cleared EICAR' };
  const last = { result, at: clock };
  settings.set('self-test', JSON.stringify({ lastPassAt: passed ? clock : null, doubtful, last }));
};
const becomes = (what: string, probe: () => boolean): Promise<true> =>
  until(what, () => (probe() ? true : undefined));

test('nothing is forwarded before another has found it good; then at once, without asking the scanner', async () => {
  expect(selfTest.refusal()).toMatch(/has not passed yet/);
  found(true);
  await becomes('it may', () => selfTest.refusal() === null);
  expect(wake).toHaveBeenCalled();
  expect(asked).toBe(0);
  clock += 60_000;
  expect(selfTest.refusal()).toMatch(/passed 1 minutes ago, and not since/);
});

test('what another found bad stops this one, with its times of doubt', async () => {
  found(true);
  await becomes('it may', () => selfTest.refusal() === null);
  clock += 1;
  found(false, [{ from: 5, to: null }]);
  await becomes('it may not', () => selfTest.refusal() !== null);
  expect(selfTest.refusal()).toMatch(/failed: it cleared EICAR/);
  expect(selfTest.isDoubtful(10, 20)).toBe(true);
});

test('who takes the role over tests itself', async () => {
  found(true);
  await becomes('it may', () => selfTest.refusal() === null);
  holds = true;
  await becomes('the scanner is asked', () => asked > 0);
});
