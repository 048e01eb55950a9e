import { restoreLedger } from '../restore-ledger';

/** Run as a process of its own, to be killed: restores `backup` over `file`, for ever. */
const [file = '', backup = '', sealFile = ''] = process.argv.slice(2);

async function restoreForEver(): Promise<void> {
  for (let round = 0; ; round += 1) {
    process.stdout.write(`round ${round}\n`);
    await restoreLedger({
      file,
      backup,
      mode: 'after-restore',
      custodyOf: undefined,
      sealFile,
      now: Date.now,
    });
  }
}

void restoreForEver().catch((error: unknown) => {
  process.stderr.write(String(error));
  process.exitCode = 1;
});
