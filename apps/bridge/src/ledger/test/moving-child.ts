import { moveLedger } from '../move/move-ledger';

/** Run as a process of its own, to be killed: moves a ledger, and says each step. */
const [file = '', sealFile = '', url = '', schema = ''] = process.argv.slice(2);

void moveLedger({
  file,
  target: { url, tls: 'off', ca: null, schema },
  sealFile,
  hasObject: () => Promise.resolve(true),
  withFindings: false,
  now: () => 50_000,
  newId: () => 'this-move',
  onFinding: () => undefined,
  onStep: (text) => void process.stdout.write(`${text}\n`),
}).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
