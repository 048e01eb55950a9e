/**
 * Runs one bench or all of them, one after the other: `pnpm bench [name] [its flags]`.
 * Each file is a script of its own that prints a table; none asserts a time.
 */
import process from 'node:process';

const benches: Readonly<Record<string, () => Promise<unknown>>> = {
  'large-file': () => import('./large-file'),
  'small-messages': () => import('./small-messages'),
  ledger: () => import('./ledger'),
  several: () => import('./several'),
  custody: () => import('./custody'),
  transport: () => import('./transport'),
  'metadefender-upload': () => import('./metadefender-upload'),
  'as2-drain': () => import('./as2-drain'),
};

const [node = '', script = '', ...rest] = process.argv.filter((argument) => argument !== '--');
const named = rest[0] !== undefined && !rest[0].startsWith('-') ? rest[0] : undefined;
const chosen = named === undefined ? Object.keys(benches) : [named];
process.argv = [node, script, ...(named === undefined ? [] : rest.slice(1))];

for (const name of chosen) {
  const run = benches[name];
  if (run === undefined) {
    process.stderr.write(`bench: there is no ${name}; there are ${Object.keys(benches).join(', ')}\n`);
    process.exitCode = 1;
    break;
  }
  process.stdout.write(`\n== ${name} ==\n`);
  await run();
}
