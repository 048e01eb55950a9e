/** Bridges that share a ledger: they come and go, share what is common, and one that is gone writes nothing more. */
import { until } from '../../../../test/rig/until';
import { changing, sampleMessage, taking } from '../../test/sample-message';
import type { MemberParts } from '../../membership';
import { openPostgresLedger } from '../postgres-ledger';
import type { OpenMemberOptions, TestMember } from './open-member';
import { openMember } from './open-member';
import { newSchema, runSql } from './temporary-postgres-ledger';
import { describeWithPostgres, testServer } from './test-server';

jest.setTimeout(120_000);

/** Longer than a test machine may be busy with something else. */
const long = 60_000;

const partsOf = (station: string): MemberParts => ({ same: { 'gateway.stations': station }, alike: {} });

describeWithPostgres('bridges that share a ledger', () => {
  const server = testServer();
  let schema: string;
  let opened: TestMember[];

  beforeEach(() => {
    schema = newSchema();
    opened = [];
  });
  afterEach(async () => {
    for (const { ledger } of opened) await ledger.close();
  });

  async function join(name: string, changes: Partial<OpenMemberOptions> = {}): Promise<TestMember> {
    const member = await openMember({ url: server.url, schema, name, ...changes });
    opened.push(member);
    return member;
  }

  const sql = (text: string): string => runSql(server.url, schema, text).trim();
  const within = (what: string, probe: () => boolean): Promise<unknown> =>
    until(what, () => Promise.resolve(probe() ? true : undefined), { withinMs: 30_000, everyMs: 20 });

  test('divide common limits: one that comes has nothing until the others have counted it', async () => {
    const first = await join('first', { leaseMs: long });
    await within('the first has all', () => first.membership.share() === 1);
    const second = await join('second', { leaseMs: long });
    expect(first.membership.share() + second.membership.share()).toBeLessThanOrEqual(1);
    await within('each has half', () =>
      [first, second].every(({ membership }) => membership.share() === 0.5),
    );
    expect(first.membership.count()).toBe(2);
    await second.ledger.close();
    await within('the first has all again', () => first.membership.share() === 1);
  });

  test('each role is held by one; who leaves lets it go at once', async () => {
    const members = [await join('first', { leaseMs: long }), await join('second', { leaseMs: long })];
    const [first, second] = members as [TestMember, TestMember];
    const seek = ({ membership }: TestMember): Promise<void> =>
      membership.seek(['seal', 'retention', 'intake:HUB']);
    const holders = (role: 'seal' | 'intake:HUB'): number =>
      members.filter(({ membership }) => membership.holds(role)).length;
    // Both find all of them free.
    await Promise.all(members.map(seek));
    expect(holders('seal')).toBeLessThanOrEqual(1);
    expect(holders('intake:HUB')).toBeLessThanOrEqual(1);
    await within('all are held', () => holders('seal') === 1 && holders('intake:HUB') === 1);
    const changes = jest.fn();
    second.membership.onChange(changes);
    await first.ledger.close();
    await within(
      'the second has all',
      () => second.membership.holds('seal') && second.membership.holds('intake:HUB'),
    );
    await within('it is told', () => changes.mock.calls.length > 0);
  });

  test('a role that one cannot fill is handed over to another, who has it from then on', async () => {
    const first = await join('first', { leaseMs: long });
    await first.membership.seek(['intake:HUB']);
    await within('the first has it', () => first.membership.holds('intake:HUB'));
    const second = await join('second', { leaseMs: long });
    await second.membership.seek(['intake:HUB']);
    expect(second.membership.holds('intake:HUB')).toBe(false);
    const letGo = first.membership.handOver('intake:HUB');
    expect(first.membership.holds('intake:HUB')).toBe(false);
    await letGo;
    await within('the second has it', () => second.membership.holds('intake:HUB'));
    expect(first.membership.holds('intake:HUB')).toBe(false);
  });

  test('who comes while one is silent does not wipe out what became of its COMMITs', async () => {
    const silent = await join('silent', { leaseMs: 1, beatMs: 1_000_000 });
    await silent.ledger.commit(taking(sampleMessage('m')));
    const marks = sql('select count(*) from commit_mark');
    expect(Number(marks)).toBeGreaterThan(0);
    // So long a beat that it has not removed the other yet: it has to see it silent for one first.
    await join('comes', { leaseMs: long, beatMs: 1_000_000 });
    expect(sql('select count(*) from member')).toBe('2');
    expect(sql('select count(*) from commit_mark')).toBe(marks);
  });

  test('one that is not heard of any more is removed; what it held is free, and it writes nothing more', async () => {
    const sample = sampleMessage('m');
    const silent = await join('silent', { leaseMs: 300, beatMs: 1_000_000 });
    await silent.ledger.commit(taking(sample));
    await silent.membership.seek(['seal']);
    expect(sql('select count(*) from lease')).toBe('1');
    const limits = { scan: 10, acknowledge: 10 };
    const now = sample.message.takenAt + 1;
    const held = await silent.ledger.due.claim({ limits, now, leaseMs: 86_400_000 });
    expect(held.length).toBeGreaterThan(0);

    const other = await join('other', { leaseMs: long });
    await other.membership.seek(['seal']);
    await within('others go on', () => other.membership.holds('seal'));
    const again = await other.ledger.due.claim({ limits, now, leaseMs: 86_400_000 });
    expect(again.map(({ id }) => id).sort()).toEqual(held.map(({ id }) => id).sort());

    expect(silent.membership.holds('seal')).toBe(false);
    expect(silent.membership.refusal()).toMatch(/cut off from the ledger/);
    const change = changing(sample.message, [{ type: 'acknowledged' }]);
    await expect(silent.ledger.commit(change)).rejects.toThrow(
      /does not count as one of the ledger .*It ends; start it anew/,
    );
    expect(silent.lost).toHaveLength(1);
    expect(await other.ledger.messages.load(sample.message.id)).toEqual(sample.message);
    expect(
      other.lines.some((line) => line.includes('a bridge that was not heard of any more was removed')),
    ).toBe(true);
  });

  test('what one holds is its own while it is a member, also when the clock is set forward by days', async () => {
    const first = await join('first', { leaseMs: long });
    const sample = sampleMessage('m');
    await first.ledger.commit(taking(sample));
    const limits = { scan: 10, acknowledge: 10 };
    const now = sample.message.takenAt + 1;
    const held = await first.ledger.due.claim({ limits, now, leaseMs: 1_000 });
    expect(held.length).toBeGreaterThan(0);
    const other = await join('other', { leaseMs: long });
    const later = now + 3 * 86_400_000;
    expect(await other.ledger.due.claim({ limits, now: later, leaseMs: 1_000 })).toEqual([]);
    // Nothing that is due: a runner need not look again and again.
    expect(await other.ledger.due.nextAt()).toBeUndefined();
    await first.ledger.due.finish(held[0]!);
    await first.ledger.close();
    const rest = await other.ledger.due.claim({ limits, now: later, leaseMs: 1_000 });
    expect(rest.map(({ id }) => id).sort()).toEqual(
      held
        .slice(1)
        .map(({ id }) => id)
        .sort(),
    );
  });

  test('whoever removes one waits for its transaction that has begun', async () => {
    const silent = await join('silent', { leaseMs: 300, beatMs: 1_000_000 });
    const { holder } = JSON.parse(sql(`select json_build_object('holder', id) from member`)) as {
      holder: string;
    };
    // As the process would have it that is stopped between its look and its COMMIT.
    const { claimAsMember } = await import('../member-claim');
    const { readAddress } = await import('../postgres-address');
    const pg = await import('pg');
    const address = readAddress({ url: server.url, tls: 'off', ca: null, schema });
    const client = new pg.default.Client({
      connectionString: server.url,
      options: `-c search_path=${schema}`,
    });
    await client.connect();
    await client.query(claimAsMember(address, { id: holder, name: 'silent' }, () => undefined).begin);
    await client.query(`insert into setting (key, value) values ('late', 'written')`);
    const other = await join('other', { leaseMs: long });
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(other.membership.count()).toBe(2);
    await client.query('commit');
    await client.end();
    await within('it is removed', () => other.membership.count() === 1);
    expect(sql(`select value from setting where key = 'late'`)).toBe('written');
    await expect(silent.ledger.settings.set('later', 'not written')).rejects.toThrow(/start it anew/);
  });

  test('a message that another has changed meanwhile is read as it is, and never out of memory', async () => {
    const sample = sampleMessage('m');
    const [first, second] = [await join('first', { leaseMs: long }), await join('second', { leaseMs: long })];
    await first.ledger.commit(taking(sample));
    const change = changing(sample.message, [{ type: 'acknowledged' }]);
    await second.ledger.commit(change);
    expect((await first.ledger.messages.load(sample.message.id))?.acknowledged).toBe(true);
  });

  test('their clocks agree, whatever the machines think', async () => {
    const [fast, slow] = [
      await join('fast', { wall: () => Date.now() + 3_600_000 }),
      await join('slow', { wall: () => Date.now() - 3_600_000 }),
    ];
    expect(Math.abs(fast.clock.now() - slow.clock.now())).toBeLessThan(5_000);
  });

  test('one whose whole machine was suspended for longer than its lease sends nothing before it was heard again', async () => {
    let wall = 0;
    const member = await join('one', { leaseMs: long, beatMs: 1_000_000, wall: () => wall });
    await member.membership.seek(['seal']);
    expect([member.membership.refusal(), member.membership.holds('seal')]).toEqual([null, true]);
    wall = long;
    expect(member.membership.refusal()).toMatch(/cut off from the ledger/);
    expect(member.membership.holds('seal')).toBe(false);
  });

  test('notifications that nobody hears cost a beat and no more', async () => {
    const first = await join('first', { leaseMs: long });
    runSql(
      server.url,
      schema,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'mft-bridge' and query ilike '%member%'`,
    );
    const second = await join('second', { leaseMs: long });
    await within('each has half', () =>
      [first, second].every(({ membership }) => membership.share() === 0.5),
    );
  });

  test('a hint at work is heard by the others', async () => {
    const [first, second] = [await join('first', { leaseMs: long }), await join('second', { leaseMs: long })];
    const heard = jest.fn();
    second.membership.onHint(heard);
    await within('they know of each other', () => first.membership.count() === 2);
    await until(
      'the hint is heard',
      () => {
        first.membership.hintOthers('work');
        return Promise.resolve(heard.mock.calls.length > 0 ? true : undefined);
      },
      { withinMs: 30_000, everyMs: 60 },
    );
  });

  test('refuses one that is set otherwise in what must be the same, and tells of the rest', async () => {
    const parts = { same: { 'gateway.stations': 'a' }, alike: { routes: 'a' } };
    const first = await join('first', { leaseMs: long, parts });
    await expect(join('second', { parts: { ...parts, same: { 'gateway.stations': 'b' } } })).rejects.toThrow(
      /Bridge first shares this ledger and is set otherwise than second: gateway\.stations/,
    );
    const third = await join('third', { parts: { ...parts, alike: { routes: 'b' } } });
    expect(third.lines.join()).toMatch(/bridge first is set otherwise: routes/);
    await third.membership.agree({ same: { keys: 'k' }, alike: {} });
    await expect(first.membership.agree({ same: { keys: 'of another ring' }, alike: {} })).rejects.toThrow(
      /Bridge third shares this ledger and is set otherwise than first: keys/,
    );
    await first.membership.agree({ same: { keys: 'k' }, alike: {} });
  });

  test('one that is set otherwise and not heard of is removed before another joins, and writes nothing more', async () => {
    const silent = await join('silent', { leaseMs: 1, beatMs: 1_000_000, parts: partsOf('a') });
    await join('second', { parts: partsOf('b') });
    expect(sql(`select string_agg(name, ' ') from member`)).toBe('second');
    await expect(silent.ledger.settings.set('key', 'value')).rejects.toThrow(/start it anew/);
  });

  test('one that is set otherwise and comes back while another waits keeps that one out', async () => {
    const stopped = await join('stopped', { leaseMs: 1, beatMs: 1_000_000, parts: partsOf('a') });
    let hasEnded = false;
    const joining = join('second', { parts: partsOf('b'), beatMs: 5_000, leaseMs: 60_000 }).finally(
      () => (hasEnded = true),
    );
    joining.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect([hasEnded, sql('select count(*) from member')]).toEqual([false, '1']);
    sql('update member set beat_until = beat_until + 1000000000');
    await expect(joining).rejects.toThrow(/Bridge stopped shares this ledger and is set otherwise/);
    await stopped.ledger.settings.set('key', 'value');
  });

  test('who comes back under its name divides nothing with what it was before', async () => {
    const { ledger } = await join('other');
    sql(`insert into member (id, name, program, "schema", started_at, beat_until, counted, down, parts)
      select 'former', 'bridge', program, "schema", 0, 1, '', '', parts from member`);
    await ledger.close();
    const again = await join('bridge', { leaseMs: long, beatMs: 1_000_000 });
    expect(again.membership.count()).toBe(1);
    expect(again.membership.share()).toBe(1);
  });

  test('one that has the ledger for itself and several refuse each other', async () => {
    const alone = { url: server.url, tls: 'off', ca: null, schema, now: Date.now } as const;
    const single = await openPostgresLedger(alone);
    await expect(join('second')).rejects.toThrow(/in use by a bridge that has it for itself .*singleNode/);
    await single.ledger.close();
    const first = await join('first', { leaseMs: long });
    await expect(openPostgresLedger(alone)).rejects.toThrow(
      /shared by several bridges \(first is one of them\)/,
    );
    await first.ledger.close();
    await (await openPostgresLedger(alone)).ledger.close();
  });
});
