import type { TemporaryLedger } from './temporary-ledger';
import { openTemporaryLedger } from './temporary-ledger';

let temporary: TemporaryLedger;
beforeEach(async () => {
  temporary = await openTemporaryLedger();
});
afterEach(() => temporary.close());

test('an intake failure counts its tries from the first time on, until it is cleared', async () => {
  const { intakeFailures } = temporary.ledger;
  expect(await intakeFailures.find('<a>')).toBeUndefined();
  await intakeFailures.record('<a>', 'gone', 10, 20);
  const second = { gatewayId: '<a>', reason: 'wrong shape', tries: 2, firstAt: 10, nextAt: 40 };
  expect(await intakeFailures.record('<a>', 'wrong shape', 30, 40)).toEqual(second);
  await intakeFailures.record('<b>', 'too large', 5, 6);
  expect(await intakeFailures.find('<a>')).toEqual(second);
  expect((await intakeFailures.list()).map(({ gatewayId }) => gatewayId)).toEqual(['<b>', '<a>']);
  await intakeFailures.clear('<a>');
  await intakeFailures.clear('<never>');
  expect((await intakeFailures.list()).map(({ gatewayId }) => gatewayId)).toEqual(['<b>']);
});

test('a setting is what was set last', async () => {
  const { settings } = temporary.ledger;
  expect(await settings.get('watermark')).toBeUndefined();
  await settings.set('watermark', '1');
  await settings.set('watermark', '2');
  expect(await settings.get('watermark')).toBe('2');
});

test('messages that are older than what is taken are remembered until the gateway has none of them any more', async () => {
  const { skipped } = temporary.ledger;
  await skipped.add('<old>', 1_000);
  await skipped.add('<older>', 500);
  expect([...(await skipped.list(2_000))].sort()).toEqual(['<old>', '<older>']);
  expect([...(await skipped.list(1_000))]).toEqual(['<older>']);
  await skipped.removeBefore(1_000);
  expect([...(await skipped.list(2_000))]).toEqual(['<old>']);
});
