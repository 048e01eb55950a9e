/** What a real run leaves behind passes `ledger verify`: beside the running bridge, and after it. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { directoryLayout } from '../src/custody/directory-layout';
import { readSealFile, sealFileIn } from '../src/ledger/seal-file';
import type { Finding } from '../src/ledger/verify/finding';
import type { VerifyCounts } from '../src/ledger/verify/verify-rows';
import { verifyLedger } from '../src/ledger/verify/verify-ledger';
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { eicar, purchaseOrder, scriptedSvg, threeFiles } from './rig/partner-samples';

jest.setTimeout(180_000);

async function verify({ config }: FaultRig): Promise<VerifyCounts> {
  const findings: Finding[] = [];
  const layout = directoryLayout(config.custodyDirectory);
  const counts = await verifyLedger({
    file: config.ledgerFile,
    now: Date.now,
    hasObject: (key) =>
      access(layout.objectPath(key)).then(
        () => true,
        () => false,
      ),
    seals: readSealFile(sealFileIn(config.dataDirectory), { mayBeMissing: true }),
    onFinding: (found) => void findings.push(found),
  });
  expect(findings).toEqual([]);
  return counts;
}

test('forwarded, quarantined, sanitized and held: nothing is found, and everything is sealed when the bridge stops', async () => {
  const rig = await openFaultRig();
  try {
    const bridge = await rig.start();
    const acme = rig.gateway.partner('ACME');
    await acme.send({ messageId: '<1@acme>', attachments: [purchaseOrder(1)] });
    await acme.send({ messageId: '<2@acme>', attachments: [purchaseOrder(2), eicar()] });
    await acme.send({ messageId: '<3@acme>', attachments: [scriptedSvg()] });
    await acme.send({ messageId: '<4@acme>', attachments: [] });
    for (let look = 0; look < 10; look += 1) await verify(rig);
    await rig.gateway.partner('GLOBEX').send({ messageId: '<5@globex>', attachments: [...threeFiles()] });
    await rig.done(5);
    expect(await verify(rig)).toMatchObject({ messages: 5 });
    await bridge.stop(5_000);
    const { seals, events } = await verify(rig);
    expect(seals).toBeGreaterThan(0);
    expect(events).toBeGreaterThan(20);
    await access(join(rig.config.custodyDirectory, 'ledger.json'));
  } finally {
    await rig.close();
  }
});
