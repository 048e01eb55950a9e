import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { openDirectoryCustody } from '../../src/custody/directory-custody';
import { openKeyRing } from '../../src/custody/key-ring';
import type { LedgerReader } from '../../src/ledger/ledger-reader';
import { sealHash, sealRoot } from '../../src/ledger/seal';
import type { ChaosRig } from './chaos-rig';
import type { ExamineOptions } from './examine';
import type { Evidence } from './gather-evidence';

/** What lies on the disk of a bridge that does not run: bytes in custody, the ledger's own chains, no secrets. */
export async function examineAtRest(
  rig: ChaosRig,
  evidence: Evidence,
  { damaged = new Set() }: ExamineOptions,
): Promise<readonly string[]> {
  const { ledgerFile } = rig.config;
  const chains = await rig.withLedger(async (reader) => [
    ...(await chainsAreWhole(evidence, reader)),
    ...(await workIsDue(reader)),
    ...(await sealsAreWhole(reader, ledgerFile)),
  ]);
  return [
    ...(chains ?? []),
    ...(await custodyIsWhole(rig, evidence, damaged)),
    ...fileIsSound(ledgerFile),
    ...(await noCanaryIn(rig, [
      ledgerFile,
      `${ledgerFile}-wal`,
      join(rig.config.dataDirectory, 'seals.jsonl'),
    ])),
  ];
}

async function chainsAreWhole({ items }: Evidence, { audit }: LedgerReader): Promise<string[]> {
  const faults: string[] = [];
  for (const { message } of items)
    if ((await audit.verify(message.id))?.whole !== true)
      faults.push(`${message.gatewayId} has an audit chain with a hole or an edit`);
  return faults;
}

/** Only searches for what is of unknown fate may wait, and each such delivery has one or its search has ended. */
async function workIsDue({ due, intakeFailures }: LedgerReader): Promise<string[]> {
  const counts = await due.count();
  return [
    ...Object.entries(counts).flatMap(([kind, count]) =>
      kind === 'reconcile' || count === 0
        ? []
        : [`${String(count)} rows of ${kind} are due though all is at rest`],
    ),
    ...(await intakeFailures.list()).map(
      ({ gatewayId, reason }) => `${gatewayId} could not be taken: ${reason}`,
    ),
  ];
}

/** Numbers without a hole, each bound to the one before and to the hashes of its events. */
async function sealsAreWhole({ seals }: LedgerReader, ledgerFile: string): Promise<string[]> {
  const faults: string[] = [];
  const db = new Database(ledgerFile, { readonly: true });
  try {
    const hashes = db.prepare<[number], { hash: string }>('select hash from event where seal = ?');
    let last = { number: 0, hash: '0'.repeat(64) };
    for (;;) {
      const page = await seals.list({ after: last.number, limit: 500 });
      for (const seal of page) {
        if (seal.number !== last.number + 1 || seal.previous !== last.hash || seal.hash !== sealHash(seal))
          faults.push(`seal ${String(seal.number)} does not follow seal ${String(last.number)}`);
        const events = hashes.all(seal.number).map((row) => toHex(row.hash));
        if (events.length !== seal.events || sealRoot(events) !== seal.root)
          faults.push(`seal ${String(seal.number)} is not about its ${String(events.length)} events`);
        last = seal;
      }
      if (page.length === 0) return faults;
    }
  } finally {
    db.close();
  }
}

const toHex = (value: unknown): string => (Buffer.isBuffer(value) ? value.toString('hex') : String(value));

/** Each attachment's bytes can still be read, and are those that the partner sent. */
async function custodyIsWhole(
  { config }: ChaosRig,
  { items }: Evidence,
  damaged: ReadonlySet<string>,
): Promise<string[]> {
  const path = join(config.dataDirectory, 'custody-key.json');
  const { ring } = await openKeyRing({ path, holdsData: true, now: Date.now });
  const custody = await openDirectoryCustody({
    directory: config.custodyDirectory,
    keyRing: ring,
    minFreeBytes: 0,
  });
  const faults: string[] = [];
  for (const { message } of items) {
    for (const { name, sha256, custodyKey, scan } of message.attachments)
      for (const one of [{ custodyKey, sha256 }, ...(scan.sanitized === null ? [] : [scan.sanitized])]) {
        if (damaged.has(one.custodyKey)) continue;
        const hash = createHash('sha256');
        try {
          for await (const part of custody.open(one.custodyKey)) hash.update(part as Buffer);
          if (hash.digest('hex') !== one.sha256)
            faults.push(`${message.gatewayId}: other bytes are in custody for ${name}`);
        } catch (error) {
          faults.push(`${message.gatewayId}: ${name} cannot be read from custody: ${String(error)}`);
        }
      }
  }
  await custody.close();
  return faults;
}

function fileIsSound(ledgerFile: string): string[] {
  const db = new Database(ledgerFile, { readonly: true });
  try {
    const result = db.pragma('integrity_check', { simple: true });
    return result === 'ok' ? [] : [`SQLite says of the ledger: ${String(result)}`];
  } finally {
    db.close();
  }
}

async function noCanaryIn({ canaries }: ChaosRig, files: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const file of files.filter((path) => existsSync(path)))
    for (const name of canaries.findIn(await readFile(file, 'latin1')))
      found.push(`${name} stands in ${file}`);
  return found;
}
