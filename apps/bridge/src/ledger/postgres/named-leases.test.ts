import type { ProgramExecutor } from '../program';
import type { LeaseRow } from '../tables';
import { createNamedLeases } from './named-leases';

const leaseMs = 1_000;
const members = [{ id: 'me' }, { id: 'other' }];
let table: LeaseRow[];
let clock: number;
let isAway: boolean;

beforeEach(() => {
  [table, clock, isAway] = [[], 0, false];
});

const writer = {
  run([step]: readonly { parameters: readonly string[] }[]) {
    if (isAway) return Promise.reject(new Error('the ledger is away'));
    const [name = '', member = ''] = step?.parameters ?? [];
    const isTaking = table.every((row) => row.name !== name);
    table = isTaking ? [...table, { name, member }] : table.filter((row) => row.name !== name);
    return Promise.resolve([isTaking ? [{ name }] : []]);
  },
} as unknown as ProgramExecutor;

function open() {
  const leases = createNamedLeases({ id: 'me', writer, monotonic: () => clock, leaseMs });
  leases.seek(['seal']);
  const look = async (seen = table, sent = clock): Promise<void> => {
    leases.see(seen, members, sent);
    await leases.take();
  };
  return { leases, look };
}

test('what was let go is left to others for a lease; then it is taken again rather than done by nobody', async () => {
  const { leases, look } = open();
  await look();
  expect([...leases.held()]).toEqual(['seal']);
  const letGo = leases.letGo('seal');
  expect([...leases.held()]).toEqual([]);
  await letGo;
  expect(table).toEqual([]);
  for (clock = 0; clock < leaseMs; clock += 100) {
    await look();
    expect([...leases.held()]).toEqual([]);
  }
  await look();
  expect([...leases.held()]).toEqual(['seal']);
  await look();
  expect([...leases.held()]).toEqual(['seal']);
});

test('while another has it, and when that one is gone, it is not taken before others could', async () => {
  const { leases, look } = open();
  await look();
  await leases.letGo('seal');
  table = [{ name: 'seal', member: 'other' }];
  for (clock = 0; clock <= 5 * leaseMs; clock += 500) await look();
  table = [];
  await look();
  clock += leaseMs - 1;
  await look();
  expect([...leases.held()]).toEqual([]);
  clock += 1;
  await look();
  expect([...leases.held()]).toEqual(['seal']);
});

test('a look that was begun before it was taken, or let go, changes nothing', async () => {
  const { leases, look } = open();
  clock = 10;
  await look();
  clock = 20;
  await look([], 5);
  expect([...leases.held()]).toEqual(['seal']);
  const before = [...table];
  await leases.letGo('seal');
  await look(before, 15);
  expect([...leases.held()]).toEqual([]);
});

test('what is being taken while it is let go is not kept', async () => {
  const { leases, look } = open();
  await look();
  // As though the ledger had lost it: it is taken once more, and let go meanwhile.
  clock = 10;
  leases.see([], members, 10);
  const taking = leases.take();
  clock = 20;
  leases.see([{ name: 'seal', member: 'me' }], members, 20);
  await Promise.all([taking, leases.letGo('seal')]);
  expect([...leases.held()]).toEqual([]);
  expect(table).toEqual([]);
});

test('where the ledger does not take it, it is kept', async () => {
  const { leases, look } = open();
  await look();
  isAway = true;
  await expect(leases.letGo('seal')).rejects.toThrow(/away/);
  [isAway, clock] = [false, 10];
  await look();
  expect([...leases.held()]).toEqual(['seal']);
});
