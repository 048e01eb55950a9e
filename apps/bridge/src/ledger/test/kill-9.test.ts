import { join } from 'node:path';
import { openSqliteLedger } from '../sqlite-ledger';
import { openSqliteLedgerReader } from '../sqlite-ledger-reader';
import { startWritingChild } from './child';
import { temporaryDirectory } from './temporary-ledger';

const directory = temporaryDirectory();
const file = join(directory.path, 'ledger.db');
afterAll(() => directory.remove());

test('kill -9: every acknowledged commit is there, whole; the lock is free at once; readers work throughout', async () => {
  const acknowledged = new Map<string, number>();
  for (const [round, lines] of [200, 37, 451].entries()) {
    const child = startWritingChild(file, `round${round}`);
    try {
      await child.said(1);
      expect(child.lines[0]).toBe('ready');
      await child.said(lines);
      // While the other process writes: refused to write, allowed to read.
      await expect(openSqliteLedger({ file, now: () => 0 })).rejects.toThrow(/is in use: another bridge/);
      const beside = await openSqliteLedgerReader(file);
      const [id = '', revision] = child.lines.at(-1)!.split(' ');
      expect((await beside.messages.load(id))?.revision).toBeGreaterThanOrEqual(Number(revision));
      await beside.close();
    } finally {
      await child.kill();
    }
    for (const line of child.lines.slice(1)) {
      const [id = '', revision] = line.split(' ');
      acknowledged.set(id, Number(revision));
    }
    // A reader recovers the log by itself, with no bridge running.
    const reader = await openSqliteLedgerReader(file);
    await verify(reader, acknowledged);
    await reader.close();
  }
  const ledger = await openSqliteLedger({ file, now: () => 0 });
  await verify(ledger, acknowledged);
  await ledger.close();
  expect(acknowledged.size).toBeGreaterThan(200);
}, 180_000);

async function verify(
  { messages, audit }: Pick<Awaited<ReturnType<typeof openSqliteLedgerReader>>, 'messages' | 'audit'>,
  acknowledged: ReadonlyMap<string, number>,
): Promise<void> {
  for (const [id, revision] of acknowledged) {
    const message = await messages.load(id);
    expect(message?.attachments).toHaveLength(2);
    expect(message?.obligations).toHaveLength(2);
    // The last change may have been made durable without its acknowledgement having been read.
    expect(message?.revision).toBeGreaterThanOrEqual(revision);
    expect(await audit.verify(id)).toMatchObject({ whole: true, head: { sequence: message!.revision + 1 } });
  }
}
