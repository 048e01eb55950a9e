import { configFixture, valid } from './config-fixture';

const config = configFixture();
const shared = (postgres: string): string =>
  `${valid}custody: { directory: shared, shared: true }\nledger:\n  postgres: { url: { env: SECRET }${postgres} }\n`;

test('bridges share a ledger unless it is said that one has it for itself', async () => {
  const { ledger } = await config.load(shared(''));
  expect(ledger.postgres).toMatchObject({ singleNode: false, name: null, beat: 10_000, lease: 30_000 });
});

test('a lease that one lost beat would end is refused', async () => {
  expect(await config.problems(shared(', beat: 10s, lease: 29s'))).toEqual([
    expect.stringMatching(/ledger\.postgres\.lease: expected three times ledger\.postgres\.beat at least/),
  ]);
});
