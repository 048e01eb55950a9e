import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { backupLedger } from '../backup-ledger';
import { restoreLedger } from '../restore-ledger';
import { openSqliteLedger } from '../sqlite-ledger';
import { verifyLedger } from '../verify/verify-ledger';
import { sampleMessage, taking } from './sample-message';
import { temporaryDirectory } from './temporary-ledger';

const directory = temporaryDirectory();
const file = join(directory.path, 'ledger.db');
const backup = join(directory.path, 'backup.db');
const sealFile = join(directory.path, 'seals.jsonl');
const now = (): number => 50_000;
afterAll(() => directory.remove());

type Opened = Awaited<ReturnType<typeof openSqliteLedger>>;

async function withLedger(body: (ledger: Opened) => Promise<void>): Promise<void> {
  const ledger = await openSqliteLedger({ file, now });
  try {
    await body(ledger);
  } finally {
    await ledger.close();
  }
}

const take = (ledger: Opened, name: string): Promise<void> => ledger.commit(taking(sampleMessage(name)));

test('kill -9 at any instant: the old ledger or the new one with its marks, never none and never half', async () => {
  await withLedger(async (ledger) => {
    for (let count = 0; count < 8; count += 1) await take(ledger, `m${count}`);
  });
  await backupLedger(file, backup);
  await withLedger((ledger) => take(ledger, 'newer'));
  const old = `${file}-old`;
  copyFileSync(file, old);
  // How long one takes here and now; the last round is killed after the first restore had ended.
  const began = performance.now();
  await restoreLedger({ file, backup, mode: 'after-restore', custodyOf: undefined, sealFile, now });
  const tookMs = performance.now() - began;
  const seen = new Set<string>();
  for (let round = 0; round < 7; round += 1) {
    for (const left of ['-wal', '-shm', '-journal']) rmSync(`${file}${left}`, { force: true });
    copyFileSync(old, file);
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', join(__dirname, 'restoring-child.ts'), file, backup, sealFile],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    if (round < 6) await sleep(tookMs * (0.3 + 0.15 * round));
    else await once(child.stdout, 'data');
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
    await withLedger(async (ledger) => {
      const newer = await ledger.messages.findByGatewayId('<newer@acme>');
      const isRestored = (await ledger.settings.get('after-restore')) !== undefined;
      expect({ newer: newer.length, isRestored }).toEqual(
        newer.length === 1 ? { newer: 1, isRestored: false } : { newer: 0, isRestored: true },
      );
      seen.add(isRestored ? 'new' : 'old');
      const states = await ledger.messages.countByState();
      expect(states).toEqual(isRestored ? { held: 8 } : { scanning: 9 });
    });
    const found: string[] = [];
    await verifyLedger({ file, now, onFinding: ({ problem }) => void found.push(problem) });
    expect(found).toEqual([]);
  }
  expect(seen).toContain('new');
}, 120_000);
