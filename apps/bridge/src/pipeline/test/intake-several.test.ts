/** Of several bridges one takes the messages of a station: by its poll, its sweep and its later tries. */
import type { Membership } from '../../ledger/membership';
import { soleMembership } from '../../ledger/membership';
import type { IntakeChanges, IntakeFixture } from './intake-fixture';
import { openIntakeFixture } from './intake-fixture';

let rig: IntakeFixture;
beforeEach(async () => {
  rig = await openIntakeFixture();
});
afterEach(() => rig.close());

/** Of a bridge that serves one station. */
const serving = (station: string): Membership => ({
  ...soleMembership(station),
  several: true,
  holds: (role) => role === `intake:${station}`,
  othersGoOn: () => true,
});
const settings = { stations: ['HUB', 'SPOKE'] };

test('what it cannot reach or keep is told of its stations, and not while a sweep takes some of it', async () => {
  const told: string[] = [];
  const patience = {
    worked: (role: string): void => void told.push(`worked ${role}`),
    failed: (role: string): void => void told.push(`failed ${role}`),
  };
  let fail = true;
  let release: () => void = () => undefined;
  const list = async (request: { unreadOnly?: boolean; station?: string }): Promise<unknown> => {
    if (request.unreadOnly === true && request.station === 'SPOKE' && fail) throw new Error('no way there');
    if (request.unreadOnly !== true) await new Promise<void>((resolve) => (release = resolve));
    return { ids: [], received: 0 };
  };
  const gateway = { inbox: { list } } as unknown as NonNullable<IntakeChanges['gateway']>;
  const membership: Membership = { ...serving(''), holds: () => true };
  const intake = await rig.open({ settings, membership, gateway, patience });
  const { signal } = new AbortController();
  await expect(intake.poll(signal)).rejects.toThrow(/no way there/);
  expect(told.splice(0)).toEqual(['worked intake:HUB', 'failed intake:SPOKE']);
  const sweeping = intake.sweep(AbortSignal.timeout(60_000)).catch(() => undefined);
  await expect(intake.poll(signal)).rejects.toThrow(/no way there/);
  expect(told.splice(0)).toEqual(['worked intake:HUB']);
  fail = false;
  await intake.poll(signal);
  expect(told).toEqual(['worked intake:HUB', 'worked intake:SPOKE']);
  // Each list that the sweep asks for is let go as it comes.
  const letGo = setInterval(() => release(), 1);
  await sweeping;
  clearInterval(letGo);
});

test('a share or a disk that is bad at this bridge is told of its stations; too much in work is not', async () => {
  const told: string[] = [];
  const patience = {
    worked: (role: string): void => void told.push(`worked ${role}`),
    failed: (role: string, why: string): void => void told.push(`failed ${role}: ${why}`),
  };
  let room = (): Promise<number> => Promise.reject(new Error('ESTALE'));
  const membership = serving('HUB');
  const intake = await rig.open({ settings, membership, patience, room: () => room() });
  const { signal } = new AbortController();
  await expect(intake.poll(signal)).rejects.toThrow('ESTALE');
  room = () => Promise.resolve(0);
  await intake.poll(signal);
  expect(told.splice(0)).toEqual([
    'failed intake:HUB: ESTALE',
    expect.stringMatching(/^failed intake:HUB: disk full/),
  ]);

  const full = await rig.open({ settings: { ...settings, highWaterMessages: 0 }, membership, patience });
  await full.poll(signal);
  expect(told).toEqual([]);
});

test('another leaves it alone, and knows by the one that serves it that the gateway answers', async () => {
  await rig.send('<1@acme>');
  await rig.send('<2@acme>');
  await rig.temporary.ledger.intakeFailures.record('<1@acme>', 'was cut off', 0, 0);
  const other = await rig.open({ settings, membership: serving('ELSEWHERE') });
  await other.pollAll();
  expect(await other.sweepAll()).toBe(true);
  expect(other.activity.snapshot().services.find(({ name }) => name === 'gateway')?.up).toBe(true);
  // What failed has no station in the ledger: it shows when it is asked for.
  const neighbour = await rig.open({ settings, membership: serving('SPOKE') });
  await neighbour.sweepAll();
  expect(await rig.messages()).toEqual([]);
  expect(await rig.temporary.ledger.intakeFailures.list()).toHaveLength(1);

  const own = await rig.open({ settings, membership: serving('HUB') });
  await own.pollAll();
  expect((await rig.messages()).map(({ gatewayId }) => gatewayId).sort()).toEqual(['<1@acme>', '<2@acme>']);
  expect(await rig.temporary.ledger.intakeFailures.list()).toEqual([]);
});
