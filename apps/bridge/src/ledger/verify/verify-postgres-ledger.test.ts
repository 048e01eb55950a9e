/*
 * What "ledger verify" finds in a file it finds on PostgreSQL: the very same tests, over another ledger. What is about
 * the server stands at the end.
 */
import { openTemporaryPostgresLedger } from '../postgres/test/temporary-postgres-ledger';
import { describeWithPostgres, testServer } from '../postgres/test/test-server';
import { sampleMessage, taking } from '../test/sample-message';
import type { TemporaryLedger } from '../test/temporary-ledger';
import type { Finding } from './finding';
import { verifyPostgresLedger } from './verify-postgres-ledger';
import type { VerifyOptions } from './verify-ledger';
import type { VerifyCounts } from './verify-rows';

let temporary: TemporaryLedger;

async function mockOpen(): Promise<TemporaryLedger> {
  temporary = await openTemporaryPostgresLedger(server.url);
  return temporary;
}

async function mockVerify({ file: schema, ...options }: VerifyOptions): Promise<VerifyCounts> {
  // Texts that alter the ledger behind its back go with its next call.
  await temporary.ledger.seals.last();
  return verifyPostgresLedger({ url: server.url, tls: 'off', ca: null, schema }, options);
}

jest.mock('../test/temporary-ledger', () => ({
  ...jest.requireActual<object>('../test/temporary-ledger'),
  openTemporaryLedger: () => mockOpen(),
}));
jest.mock('./verify-ledger', () => ({ verifyLedger: (options: VerifyOptions) => mockVerify(options) }));
// Opening and dropping a schema takes longer than a file.
jest.setTimeout(120_000);

let server: { readonly url: string };

describeWithPostgres('on PostgreSQL', () => {
  server = testServer();

  describe('the same', () => {
    jest.requireActual('./verify-ledger.test');
  });

  describe('what was forgotten', () => {
    jest.requireActual('./check-removals.test');
  });

  describe('what counts on one submission', () => {
    jest.requireActual('./check-claims.test');
  });

  describe('what was forged crudely', () => {
    jest.requireActual('./crude-forgeries.test');
  });

  describe('beside its writers', () => {
    let findings: Finding[];
    const verify = (schema: string, options: Partial<VerifyOptions> = {}): Promise<VerifyCounts> =>
      mockVerify({
        file: schema,
        now: () => 1_000_000,
        onFinding: (found) => void findings.push(found),
        ...options,
      });

    beforeEach(async () => {
      findings = [];
      await mockOpen();
    });
    afterEach(() => temporary.close());

    test('what is written meanwhile is neither missed nor mistaken for a fault', async () => {
      const { ledger, file } = temporary;
      await ledger.commit(taking(sampleMessage('before')));
      await ledger.seals.seal(2_000);
      const exported = async function* () {
        // The snapshot was taken: the file and the ledger go on.
        await ledger.commit(taking(sampleMessage('meanwhile')));
        await ledger.seals.seal(3_000);
        yield* await ledger.seals.list({ after: 0, limit: 10 });
      };
      expect(await verify(file, { seals: exported() })).toMatchObject({
        messages: 1,
        events: 1,
        seals: 1,
        forgotten: 0,
        findings: 0,
      });
      expect(findings).toEqual([]);
    });

    test('bytes that retention takes while their message is looked at are no loss', async () => {
      const { ledger, file, tamper } = temporary;
      await ledger.commit(taking(sampleMessage('gone')));
      const hasObject = async (): Promise<boolean> => {
        tamper('update message set bytes_removed = 1');
        await ledger.seals.last();
        return false;
      };
      expect(await verify(file, { hasObject })).toMatchObject({ messages: 1, findings: 0 });
    });

    test('more messages than fit into one page', async () => {
      const { ledger, file } = temporary;
      const count = 450;
      await Promise.all(
        Array.from({ length: count }, (_, index) => ledger.commit(taking(sampleMessage(`m${index}`)))),
      );
      expect(await verify(file)).toMatchObject({ messages: count, events: count, findings: 0 });
    });

    test('no ledger there', async () => {
      await expect(verify('nowhere')).rejects.toThrow(/There is no ledger at .*schema nowhere/);
    });
  });
});
