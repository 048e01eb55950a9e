// Packs every published package as it would be published, checks the tarballs with publint and attw, installs them
// together in an empty project and uses each as a stranger would: require, import, TypeScript 5.4 and 6 without skipLibCheck, and the
// commands. Wants a full build: `pnpm build && node scripts/pack-smoke.mjs`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { checkPackedTypes } from './packed-types.mjs';

const root = resolve(import.meta.dirname, '..');
const libraries = {
  '@mft-bridge/http-transport': { folder: 'packages/http-transport', exported: 'createTransport' },
  '@mft-bridge/metadefender-mft-client': {
    folder: 'packages/metadefender-mft-client',
    exported: 'MetaDefenderClient',
  },
  '@mft-bridge/as2-gateway-client': { folder: 'packages/as2-gateway-client', exported: 'As2GatewayClient' },
  '@mft-bridge/sandbox': { folder: 'packages/sandbox', exported: 'startAs2GatewaySandbox' },
};
/** Further entries, and what they export. */
const entries = {
  ...Object.fromEntries(Object.entries(libraries).map(([name, { exported }]) => [name, exported])),
  '@mft-bridge/metadefender-mft-client/testing': 'buildVerdict',
  '@mft-bridge/as2-gateway-client/testing': 'buildCertificate',
};
/** Commands: nothing to import. */
const commandFolders = ['apps/bridge', 'packages/cli'];
const commands = [
  ['mft-bridge', '--version'],
  ['mft-bridge-sandbox', '--help'],
  ['mdmft', '--version'],
  ['as2gw', '--version'],
];

const work = mkdtempSync(join(tmpdir(), 'mft-bridge-pack-'));
const tarballs = join(work, 'tarballs');
const project = join(work, 'project');
mkdirSync(tarballs);
mkdirSync(project);
const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: 'inherit' });
const pnpm = (args, cwd) => run('npx', ['-y', 'pnpm@10.34.9', ...args], cwd);

let checks = 0;
try {
  for (const folder of [...Object.values(libraries).map((library) => library.folder), ...commandFolders]) {
    pnpm(['pack', '--pack-destination', tarballs], join(root, folder));
  }
  const files = readdirSync(tarballs).map((name) => join(tarballs, name));
  for (const file of files) {
    pnpm(['exec', 'publint', 'run', file, '--strict'], root);
    checks += 1;
    if (/mft-bridge-(bridge|cli)-/.test(file)) continue;
    pnpm(['exec', 'attw', file], root);
    checks += 1;
  }

  const overrides = Object.fromEntries(
    files.map((file) => [
      `@mft-bridge/${/^mft-bridge-(.+)-\d+\.\d+\.\d+/.exec(basename(file))?.[1]}`,
      `file:${file}`,
    ]),
  );
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      name: 'smoke',
      private: true,
      dependencies: {
        ...overrides,
        typescript: '~6.0.3',
        'typescript-5.4': 'npm:typescript@~5.4.5',
        '@types/node': '^20.19.0',
      },
      pnpm: { overrides, onlyBuiltDependencies: ['better-sqlite3'] },
    }),
  );
  pnpm(
    ['install', '--prefer-offline', '--ignore-workspace', '--config.verify-deps-before-run=false'],
    project,
  );

  const lines = Object.entries(entries);
  const required = lines.map(
    ([name, exported]) =>
      `if (typeof require('${name}').${exported} !== 'function') throw new Error('${name}');`,
  );
  const imported = lines.map(
    ([name, exported], index) =>
      `import { ${exported} as x${index} } from '${name}';\nif (typeof x${index} !== 'function') throw new Error('${name}');`,
  );
  writeFileSync(join(project, 'load.cjs'), required.join('\n'));
  writeFileSync(join(project, 'load.mjs'), imported.join('\n'));
  for (const extension of ['cts', 'mts'])
    writeFileSync(join(project, `load.${extension}`), imported.join('\n'));
  run('node', ['load.cjs'], project);
  run('node', ['load.mjs'], project);
  checks += 2 + checkPackedTypes(project);
  for (const [command, ...args] of commands) {
    run(join(project, 'node_modules', '.bin', command), args, project);
    checks += 1;
  }
  console.log(`packed packages: ${checks} checks passed`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
