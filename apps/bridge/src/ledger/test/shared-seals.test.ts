/** Of several bridges one seals, and each of them exports all seals, whoever made them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sealer } from '../sealer';
import { openSealer } from '../sealer';
import { sampleMessage, taking } from './sample-message';
import type { TemporaryLedger } from './temporary-ledger';
import { openTemporaryLedger } from './temporary-ledger';

let directory: string;
let temporary: TemporaryLedger;
let sealing: 'a' | 'b';
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'shared-seals-'));
  temporary = await openTemporaryLedger();
  sealing = 'a';
});
afterEach(async () => {
  await temporary.close();
  rmSync(directory, { recursive: true });
});

const file = (name: string): string => join(directory, `${name}.jsonl`);
const numbers = (name: string): number[] =>
  readFileSync(file(name), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { number: number }).number);

function open(name: 'a' | 'b'): Promise<Sealer> {
  const { ledger } = temporary;
  const log = { error: () => undefined, info: () => undefined };
  const maySeal = (): boolean => sealing === name;
  return openSealer({ ledger, file: file(name), intervalMs: 60_000, now: () => 1, log, maySeal });
}

test('both files hold every seal once and in order, also after the other has taken over', async () => {
  const [a, b] = [await open('a'), await open('b')];
  const happen = (id: string): Promise<void> => temporary.ledger.commit(taking(sampleMessage(id)));
  await happen('1');
  await b.sealNow();
  expect(await temporary.ledger.seals.last()).toBeUndefined();
  await a.sealNow();
  await happen('2');
  await a.sealNow();
  // It takes over without having looked since.
  sealing = 'b';
  await happen('3');
  await b.sealNow();
  await a.sealNow();
  expect(numbers('a')).toEqual([1, 2, 3]);
  expect(numbers('b')).toEqual([1, 2, 3]);
  sealing = 'a';
  await happen('4');
  await a.stop();
  await b.stop();
  expect(numbers('a')).toEqual([1, 2, 3, 4]);
  expect(numbers('b')).toEqual([1, 2, 3, 4]);
});
