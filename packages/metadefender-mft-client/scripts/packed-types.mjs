// Compiles test/types/public-types.ts against this package as it is installed in a project, without skipLibCheck, with every TypeScript
// that is installed there.
//
//   node scripts/packed-types.mjs PROJECT
//
// PROJECT is a folder in whose node_modules the packed packages, @types/node, and one or more compilers are installed: `typescript`, and
// others under a name that begins so, for example "typescript-5.4": "npm:typescript@~5.4.5".
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const project = resolve(process.argv[2] ?? '.');
const source = join(import.meta.dirname, '..', 'test', 'types', 'public-types.ts');
const modules = join(project, 'node_modules');
const compilers = readdirSync(modules).filter((name) => /^typescript(-|$)/.test(name));
if (compilers.length === 0) throw new Error(`There is no typescript in ${modules}.`);

for (const compiler of compilers) {
  const { version } = JSON.parse(readFileSync(join(modules, compiler, 'package.json'), 'utf8'));
  // As a CommonJS file and as an ES module: each sees other declarations.
  for (const extension of ['cts', 'mts']) {
    const file = `public-types.${extension}`;
    copyFileSync(source, join(project, file));
    const options =
      '--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false --target es2022 --module nodenext --types node';
    try {
      execFileSync(process.execPath, [join(modules, compiler, 'bin', 'tsc'), ...options.split(' '), file], {
        cwd: project,
        stdio: 'inherit',
      });
    } finally {
      rmSync(join(project, file));
    }
    console.log(`packed types: TypeScript ${version}, .${extension}: fine`);
  }
}
