import { readFileSync, writeFileSync } from 'node:fs';
import { sampleMessage, taking } from '../test/sample-message';
import { openTemporaryLedger } from '../test/temporary-ledger';
import type { Finding } from './finding';
import { verifyLedger } from './verify-ledger';

test('a damaged file is one finding, with what to do about it', async () => {
  const { ledger, file, tamper, close } = await openTemporaryLedger();
  try {
    for (let count = 0; count < 20; count += 1) await ledger.commit(taking(sampleMessage(`m${count}`)));
    const copy = `${file}-copy`;
    tamper('vacuum into ?', copy);
    const bytes = readFileSync(copy);
    bytes.fill(0xa5, 8 * 4_096, 12 * 4_096);
    writeFileSync(copy, bytes);
    const findings: Finding[] = [];
    const counts = await verifyLedger({
      file: copy,
      now: () => 1_000_000,
      onFinding: (found) => void findings.push(found),
    });
    expect(findings).toMatchObject([{ check: 'file', advice: expect.stringContaining('restore') }]);
    expect(counts.findings).toBe(1);
  } finally {
    await close();
  }
});
