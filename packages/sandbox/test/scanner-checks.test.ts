import { startMetaDefenderSandbox, type MetaDefenderSandbox } from '../src/scanner/metadefender-sandbox';

let scanner: MetaDefenderSandbox;
beforeAll(async () => {
  scanner = await startMetaDefenderSandbox();
});
afterAll(() => scanner.close());

// From JSON, or from JavaScript, where no compiler says it.
const anything = (value: unknown): never => value as never;

test.each([
  [undefined, {}, '`match` must be'],
  ['a', undefined, '`script` must be a JSON object'],
  ['a', { verdikt: 'blocked' }, '`script.verdikt` is not known here'],
  ['a', { verdict: 'fine' }, '`script.verdict` must be one of'],
  ['a', { bytes: 'text' }, '`script.bytes` must be bytes'],
  ['a', { times: 0 }, '`script.times` must be'],
  ['a', { timeline: [{ afterMs: -1 }] }, '`script.timeline[0].afterMs` must be'],
  ['a', { timeline: [{}, { approval: { state: 'x' } }] }, '`script.timeline[1].approval.current` is missing'],
  ['a', { timeline: [{ scanResult: { result: 1 } }] }, '`script.timeline[0].scanResult.result` is not known'],
  [{ hash: 'x' }, {}, '`match.hash` is not known here'],
  [{ size: '1' }, {}, '`match.size` must be a whole number'],
])('a script for %j that says %j is refused', (matcher, script, reason) => {
  expect(() => scanner.script(anything(matcher), anything(script))).toThrow(reason);
  expect(() => scanner.script(anything(matcher), anything(script))).toThrow(RangeError);
});

test.each([
  [{ replies: 'json' }, '`settings.replies` must be one of "vault", "pascal"'],
  [{ lockout: { attempts: 1 } }, '`lockout.lockMs` is missing'],
  [{ lockout: { attempts: 0, lockMs: 1 } }, '`lockout.attempts` must be a whole number, 1 or more'],
  [{ approvals: { required: 1, skip: 'always' } }, '`approvals.skip` must be'],
  [{ approvals: { required: 1, skip: {} } }, '`approvals.skip.afterMs` is missing'],
  [{ capacity: { scans: 0 } }, '`capacity.scans` must be'],
  [{ proxy: { down: 500 } }, '`proxy.down` must be one of'],
  [{ lockMs: -1 }, '`settings.lockMs` must be'],
  [{ colour: 'red' }, '`settings.colour` is not known here'],
])('settings %j are refused, and change nothing', async (change, reason) => {
  const before = scanner.settings;
  expect(() => scanner.change(anything(change))).toThrow(reason);
  expect(scanner.settings).toEqual(before);
  await expect(startMetaDefenderSandbox({ settings: anything(change) })).rejects.toThrow(RangeError);
});

test('settings are changed in part, capacity and proxy too', () => {
  scanner.change({ capacity: { queue: 3 }, lockout: { attempts: 2, lockMs: 5 } });
  scanner.change({ capacity: { scans: 2 }, proxy: { down: null } });
  expect(scanner.settings).toMatchObject({
    capacity: { queue: 3, scans: 2, fileBytes: null },
    lockout: { attempts: 2, lockMs: 5 },
    proxy: { underscoreHeaders: 'kept', down: null },
  });
});
