import Database from 'better-sqlite3';
import { createClaimStatements } from '../claim-statements';
import { createDueStatements } from '../due-statements';
import { createLedgerReader } from '../ledger-reader';
import type { ReadSource } from '../read-source';
import { createSqliteCompiler } from '../sqlite-compiler';
import type { Statement } from '../statement';
import { sampleMessage, taking } from './sample-message';
import type { TemporaryLedger } from './temporary-ledger';
import { openTemporaryLedger } from './temporary-ledger';

const rows = 100_000;
let temporary: TemporaryLedger;
let database: InstanceType<typeof Database>;

beforeAll(async () => {
  temporary = await openTemporaryLedger();
  await temporary.ledger.commit(taking(sampleMessage('m')));
  temporary.tamper(
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)
     insert into message (id, station, partner, gateway_id, subject, gateway_time, taken_at, content_digest, route, acknowledged,
       resends, policy_version, revision, state, head_sequence, head_hash)
     select 'x' || i, 'HUB', 'ACME', '<' || i || '>', null, null, i, 'd', 'r', 0, 0, null, 0,
       case when i % 2 then 'scanning' else 'held' end, 0, '' from n`,
    rows,
  );
  temporary.tamper(
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ?)
     insert into due (id, kind, subject, message_id, partner, due_at, since, attempts, epoch, revision, lease_until, why)
     select 'due' || i, case when i % 2 then 'scan' else 'deliver' end, 's' || i, 'x' || i, 'P' || (i / 2 % 1000), i, i, 0, 0, 0, 0, null from n`,
    rows,
  );
  database = new Database(temporary.file, { readonly: true });
}, 180_000);
afterAll(async () => {
  database.close();
  await temporary.close();
});

/** What SQLite would do; a step that reads or sorts a whole table is named SCAN or TEMP B-TREE. */
function plan({ sql, parameters }: Statement): string[] {
  return database
    .prepare<unknown[], { detail: string }>(`explain query plan ${sql}`)
    .all(...parameters)
    .map(({ detail }) => detail);
}

const statements = createDueStatements(createSqliteCompiler());
const claims = createClaimStatements(createSqliteCompiler());
const look = { kind: 'scan', after: 'P500', now: rows, room: 10 };

test.each<[string, Statement]>([
  ['peek', claims.peek({ now: rows })],
  ['both ends of the line', claims.ends({ kind: 'scan' })],
  ['claim', claims.claim({ kind: 'scan', partner: 'P1', now: rows, until: rows, limit: 10 })],
  ['claim of the oldest', claims.claimOldest({ kind: 'scan', now: rows, until: rows, limit: 10 })],
  ['expire', claims.expire({ now: rows })],
  ['remove', statements.remove({ id: 'due1', epoch: 0, revision: 0 })],
  ['postpone', statements.postpone({ id: 'due1', epoch: 0, revision: 0, due_at: 1, why: '', attempts: 0 })],
  ['void', statements.void()],
])('%s costs the same however many rows wait', (_name, statement) => {
  const steps = plan(statement);
  expect(steps.length).toBeGreaterThan(0);
  // A select without a table scans its one constant row.
  expect(steps.filter((step) => /SCAN(?! CONSTANT ROW)|TEMP B-TREE/.test(step))).toEqual([]);
});

test('a claim looks at rows of its own kind and partner only, in order', () => {
  const steps = plan(claims.claim({ kind: 'scan', partner: 'P1', now: rows, until: rows, limit: 10 }));
  expect(steps.join()).toMatch(
    /due_fair \(kind=\? AND lease_until=\? AND partner>\? AND \(partner,due_at\)<\(\?,\?\)\)/,
  );
});

test.each([
  ['the look for those next in line', claims.look(look)],
  ['the look from the start of the line', claims.lookFromStart(look)],
])('%s seeks from partner to partner and counts no more than the room', (_name, statement) => {
  const steps = plan(statement);
  // The line itself is what the recursion made: 64 rows at most.
  expect(
    steps.filter((step) => /SCAN(?! line| CONSTANT ROW| \(subquery| counted)|TEMP B-TREE/.test(step)),
  ).toEqual([]);
  const seeks = steps.filter((step) => step.includes('SEARCH'));
  expect(
    new Set(seeks.map((step) => step.replace(/^SEARCH due USING COVERING INDEX due_fair /, ''))),
  ).toEqual(
    new Set([
      '(kind=? AND lease_until=? AND partner>?)',
      '(kind=? AND lease_until=? AND partner=? AND due_at<?)',
    ]),
  );
});

test('a look begins behind the partner served last and stops where enough are found', () => {
  const found = database
    .prepare<unknown[], { partner: string; waiting: number }>(claims.look(look).sql)
    .all(...claims.look(look).parameters);
  expect(found).toHaveLength(10);
  expect(found[0]).toEqual({ partner: 'P501', place: 1, waiting: 10 });
});

/** Runs reads and keeps their statements. */
async function recorded(
  read: (reader: ReturnType<typeof createLedgerReader>) => Promise<unknown>,
): Promise<Statement[]> {
  const seen: Statement[] = [];
  const source: ReadSource = {
    read: async (asked) => {
      seen.push(...asked);
      return asked.map(() => []) as never;
    },
    close: async () => undefined,
  };
  await read(createLedgerReader(createSqliteCompiler(), source, () => rows));
  return seen;
}

test.each<[string, (reader: ReturnType<typeof createLedgerReader>) => Promise<unknown>]>([
  ['load', ({ messages }) => messages.load('x1')],
  ['loadBySubject', ({ messages }) => messages.loadBySubject('attachment', 'a')],
  ['findByGatewayId', ({ messages }) => messages.findByGatewayId('<1>')],
  ['list', ({ messages }) => messages.list({ limit: 50 })],
  ['list by state', ({ messages }) => messages.list({ limit: 50, state: 'held' })],
  ['timeline', ({ messages }) => messages.timeline('x1')],
  ['isRemoteIdClaimed', ({ messages }) => messages.isRemoteIdClaimed('b')],
  ['referredCustodyKeys', ({ messages }) => messages.referredCustodyKeys(['a'])],
  ['nextAt', ({ due }) => due.nextAt()],
  ['audit head', ({ audit }) => audit.head('x1')],
])('%s reads no table whole', async (_name, read) => {
  const seen = await recorded(read);
  expect(seen.length).toBeGreaterThan(0);
  // The rows of one page or one message are sorted; a table is never.
  expect(seen.flatMap(plan).filter((step) => /SCAN/.test(step))).toEqual([]);
});

test('the page itself comes in order from the index', async () => {
  const [messages] = await recorded(({ messages: reads }) => reads.list({ limit: 50, state: 'held' }));
  const page = /\(select .* limit \?\)/.exec(messages!.sql)![0].slice(1, -1);
  const steps = plan({ sql: page, parameters: messages!.parameters });
  expect(steps).toEqual([expect.stringContaining('message_state_newest (state=? AND (taken_at,id)<(?,?))')]);
});

test('claims hand out 100,000 rows in order', async () => {
  const claim = () => temporary.ledger.due.claim({ limits: { scan: 3, deliver: 2 }, now: rows, leaseMs: 1 });
  // Every thousandth row of a kind is of the same partner; each partner's oldest go first.
  const taken = [...(await claim()), ...(await claim())];
  expect(taken.map(({ kind }) => kind).sort()).toEqual([
    ...Array.from({ length: 4 }, () => 'deliver'),
    ...Array.from({ length: 6 }, () => 'scan'),
  ]);
  expect(taken.every(({ dueAt }) => dueAt <= 2_000)).toBe(true);
});
