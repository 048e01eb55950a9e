// Packs every published package as it would be published, checks the tarballs with publint and attw, installs them
// together in an empty project and loads each as a stranger would: require, import, and TypeScript without skipLibCheck.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

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
const bridge = { name: '@mft-bridge/bridge', folder: 'apps/bridge' };

const work = mkdtempSync(join(tmpdir(), 'mft-bridge-pack-'));
const tarballs = join(work, 'tarballs');
const project = join(work, 'project');
mkdirSync(tarballs);
mkdirSync(project);
const run = (command, args, cwd) => execFileSync(command, args, { cwd, stdio: 'inherit' });
const pnpm = (args, cwd) => run('npx', ['-y', 'pnpm@10.34.9', ...args], cwd);

let checks = 0;
try {
  for (const folder of [...Object.values(libraries).map((library) => library.folder), bridge.folder]) {
    pnpm(['pack', '--pack-destination', tarballs], join(root, folder));
  }
  const files = readdirSync(tarballs).map((name) => join(tarballs, name));
  for (const file of files) {
    pnpm(['exec', 'publint', 'run', file, '--strict'], root);
    checks += 1;
    if (file.includes('mft-bridge-bridge-')) continue; // a command, nothing to import
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
      dependencies: { ...overrides, typescript: '~6.0.3', '@types/node': '^20.19.0' },
      pnpm: { overrides, onlyBuiltDependencies: ['better-sqlite3'] },
    }),
  );
  pnpm(
    ['install', '--prefer-offline', '--ignore-workspace', '--config.verify-deps-before-run=false'],
    project,
  );

  const lines = Object.entries(libraries);
  writeFileSync(
    join(project, 'load.cjs'),
    lines
      .map(
        ([name, { exported }]) =>
          `if (typeof require('${name}').${exported} !== 'function') throw new Error('${name}');`,
      )
      .join('\n'),
  );
  writeFileSync(
    join(project, 'load.mjs'),
    lines
      .map(
        ([name, { exported }], index) =>
          `import { ${exported} as x${index} } from '${name}';\nif (typeof x${index} !== 'function') throw new Error('${name}');`,
      )
      .join('\n'),
  );
  writeFileSync(
    join(project, 'load.ts'),
    lines
      .map(
        ([name, { exported }], index) =>
          `import { ${exported} as x${index} } from '${name}';\nexport const y${index}: unknown = x${index};`,
      )
      .join('\n'),
  );
  run('node', ['load.cjs'], project);
  run('node', ['load.mjs'], project);
  run(
    'node',
    [
      join('node_modules', 'typescript', 'bin', 'tsc'),
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      'false',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--types',
      'node',
      'load.ts',
    ],
    project,
  );
  run(join(project, 'node_modules', '.bin', 'mft-bridge'), ['--version'], project);
  run(join(project, 'node_modules', '.bin', 'mft-bridge-sandbox'), ['--help'], project);
  checks += 5;
  console.log(`packed packages: ${checks} checks passed`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
