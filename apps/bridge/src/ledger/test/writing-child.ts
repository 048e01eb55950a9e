import { writeSync } from 'node:fs';
import { openSqliteLedger } from '../sqlite-ledger';
import { changing, sampleMessage, taking } from './sample-message';

/**
 * Run as a process of its own, to be killed: opens the ledger, says `ready`, and stores messages for ever,
 * several at a time; says `<message id> <revision>` for each change that was acknowledged.
 */
const [file = '', run = 'run'] = process.argv.slice(2);

// Written at once, not through a stream's buffer, which would die with the process.
const say = (line: string): void => void writeSync(1, `${line}\n`);

async function writeForEver(lane: number): Promise<void> {
  const ledger = await opened;
  for (let count = 0; ; count += 1) {
    const sample = sampleMessage(`${run}-${lane}-${count}`);
    await ledger.commit(taking(sample));
    say(`${sample.message.id} 0`);
    const change = changing(sample.message, [{ type: 'acknowledged' }]);
    await ledger.commit(change);
    say(`${sample.message.id} ${change.after.revision}`);
  }
}

const opened = openSqliteLedger({ file, now: Date.now });
void opened.then(
  () => {
    say('ready');
    for (let lane = 0; lane < 4; lane += 1) void writeForEver(lane);
  },
  (error: unknown) => {
    say(error instanceof Error ? `${error.name}: ${error.message}` : 'failed');
    process.exitCode = 1;
  },
);
