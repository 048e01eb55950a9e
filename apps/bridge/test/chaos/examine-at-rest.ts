import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDirectoryCustody } from '../../src/custody/directory-custody';
import { openKeyRing } from '../../src/custody/key-ring';
import type { LedgerReader } from '../../src/ledger/ledger-reader';
import { sealHash, sealRoot } from '../../src/ledger/seal';
import type { ChaosRig } from './chaos-rig';
import type { ExamineOptions } from './examine';
import type { Evidence } from './gather-evidence';
import type { ChaosLedger } from './ledger/chaos-ledger';

/** What lies on the disk of a bridge that does not run: bytes in custody, the ledger's own chains, no secrets. */
export async function examineAtRest(
  rig: ChaosRig,
  evidence: Evidence,
  { damaged = new Set() }: ExamineOptions,
): Promise<readonly string[]> {
  const chains = await rig.withLedger(async (reader) => [
    ...(await chainsAreWhole(evidence, reader)),
    ...(await workIsDue(reader)),
    ...(await sealsAreWhole(reader, rig.ledger)),
  ]);
  return [
    ...(chains ?? []),
    ...(await custodyIsWhole(rig, evidence, damaged)),
    ...(await rig.ledger.faults()),
    ...(await noCanaryIn(rig)),
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
async function sealsAreWhole({ seals }: LedgerReader, ledger: ChaosLedger): Promise<string[]> {
  const faults: string[] = [];
  let last = { number: 0, hash: '0'.repeat(64) };
  for (;;) {
    const page = await seals.list({ after: last.number, limit: 500 });
    for (const seal of page) {
      if (seal.number !== last.number + 1 || seal.previous !== last.hash || seal.hash !== sealHash(seal))
        faults.push(`seal ${String(seal.number)} does not follow seal ${String(last.number)}`);
      const events = await ledger.sealedHashes(seal.number);
      if (events.length !== seal.events || sealRoot(events) !== seal.root)
        faults.push(`seal ${String(seal.number)} is not about its ${String(events.length)} events`);
      last = seal;
    }
    if (page.length === 0) return faults;
  }
}

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

async function noCanaryIn({ canaries, ledger, directory }: ChaosRig): Promise<string[]> {
  // Each bridge has its own data directory, named after the first one's.
  const seals = (await readdir(directory))
    .filter((name) => name.startsWith('data'))
    .map((name) => join(directory, name, 'seals.jsonl'))
    .filter((path) => existsSync(path));
  const exported = seals.map(async (place) => ({ place, text: await readFile(place, 'latin1') }));
  const places = [...(await ledger.stored()), ...(await Promise.all(exported))];
  return places.flatMap(({ place, text }) =>
    canaries.findIn(text).map((name) => `${name} stands in ${place}`),
  );
}
