import type { Membership, Role } from '../ledger/membership';
import { soleMembership } from '../ledger/membership';
import { createLogger } from '../telemetry/log';
import type { RolePatience } from './role-patience';
import { createRolePatience } from './role-patience';

const role: Role = 'intake:HUB';
let clock: number;
let handed: Role[];
let others: { count: number; go: boolean };
let patience: RolePatience;

beforeEach(() => {
  [clock, handed, others] = [0, [], { count: 2, go: true }];
  const membership: Membership = {
    ...soleMembership('a'),
    several: true,
    count: () => others.count,
    othersGoOn: () => others.go,
    handOver: (one) => Promise.resolve(void handed.push(one)),
  };
  const log = createLogger({ level: 'error', destination: { write: () => undefined } });
  patience = createRolePatience({ membership, monotonic: () => clock, log });
});

function fail(times: number, everyMs: number): void {
  for (let count = 0; count < times; count += 1) {
    patience.failed(role, 'refused');
    clock += everyMs;
  }
}

test('what fails for a minute and thrice is left to another; short faults and single ones are not', () => {
  fail(10, 5_000);
  expect(handed).toEqual([]);
  fail(3, 5_000);
  expect(handed).toEqual([role]);
  patience.failed('retention', 'no such mount');
  clock += 3_600_000;
  patience.failed('retention', 'no such mount');
  expect(handed).toEqual([role]);
  patience.failed('retention', 'no such mount');
  expect(handed).toEqual([role, 'retention']);
});

test('a success begins the count anew', () => {
  fail(11, 5_000);
  patience.worked(role);
  fail(11, 5_000);
  expect(handed).toEqual([]);
});

test('it is kept where there is nobody else, or where the service answers nobody', () => {
  others = { count: 1, go: true };
  fail(40, 5_000);
  others = { count: 2, go: false };
  fail(40, 5_000);
  expect(handed).toEqual([]);
  others.go = true;
  fail(1, 0);
  expect(handed).toEqual([role]);
});
