import { randomUUID } from 'node:crypto';
import type { MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import type { Logger } from 'pino';
import type { BridgeConfig } from '../config/schema';
import { runSelfTest } from '../pipeline/self-test';
import { watchClock } from './clock-skew';
import type { Finding } from './finding';
import { takeNotes } from './finding';

/** Whether the scanner lets us in, has our time, and does its work: the self-test uploads two small files and deletes them. */
export async function checkScanner(
  scanner: MetaDefenderClient,
  { scanner: config }: Pick<BridgeConfig, 'scanner'>,
  { now, signal, log, selfTest }: { now: () => number; signal: AbortSignal; log: Logger; selfTest: boolean },
): Promise<readonly Finding[]> {
  const notes = takeNotes('scanner');
  const clock = watchClock(scanner, now);
  try {
    notes.ok(`version ${await scanner.version({ signal })}`);
    await scanner.files.list({ type: 'my', start: 0, count: 1 }, { signal });
    notes.ok('logged in');
  } catch (error) {
    notes.fail(
      error instanceof Error ? error.message : String(error),
      `Check scanner.baseUrl and scanner.auth, and that this machine reaches ${config.baseUrl} (egress.proxy, egress.caFile).`,
    );
    return notes.findings;
  }
  clock.report(notes, 'scanner');
  if (!config.selfTest.enabled)
    notes.warn(
      'scanner.selfTest.enabled is false',
      'A scanner that clears everything would not be noticed: leave it on wherever the bridge enforces.',
    );
  if (!selfTest) {
    notes.skip('self-test (--no-self-test)');
    return notes.findings;
  }
  try {
    const { deadline } = config.selfTest;
    const result = await runSelfTest(
      { scanner, now, newId: () => randomUUID().replaceAll('-', ''), log },
      { deadlineMs: deadline, firstPollMs: config.poll.first, signal },
    );
    if (result.passed) notes.ok('self-test: a harmless file cleared, the EICAR test file was blocked');
    else notes.fail(`self-test: ${result.why}`, 'Nothing is forwarded until it passes.');
  } catch (error) {
    notes.fail(
      `self-test: ${error instanceof Error ? error.message : String(error)}`,
      'The account must be allowed to upload and to delete its files (group "Uploader").',
    );
  }
  return notes.findings;
}
