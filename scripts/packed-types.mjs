// Compiles the type tests of both SDKs (uses that must compile, and wrong ones that must not) against the packages as they are installed in
// a project, without skipLibCheck, by every TypeScript that is installed there: `typescript`, and others under a name that begins so, for
// example "typescript-5.4": "npm:typescript@~5.4.5".
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const packages = resolve(import.meta.dirname, '..', 'packages');
const uses = {
  '@mft-bridge/metadefender-mft-client': 'metadefender-mft-client/test/types/public-types.ts',
  '@mft-bridge/as2-gateway-client': 'as2-gateway-client/test/type-uses.ts',
};
const options =
  '--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false --target es2022 --module nodenext --types node';

/**
 * @param {string} project in whose node_modules the packed packages, @types/node and the compilers are
 * @returns {number} how many compilations there were
 */
export function checkPackedTypes(project) {
  const modules = join(project, 'node_modules');
  const compilers = readdirSync(modules).filter((name) => /^typescript(-|$)/.test(name));
  if (compilers.length === 0) throw new Error(`There is no typescript in ${modules}.`);
  let compilations = 0;
  for (const compiler of compilers) {
    const { version } = JSON.parse(readFileSync(join(modules, compiler, 'package.json'), 'utf8'));
    // As a CommonJS file and as an ES module: each sees other declarations.
    for (const extension of ['cts', 'mts']) {
      const files = Object.entries(uses).map(([name, path], index) => {
        const file = `uses-${index}.${extension}`;
        const text = readFileSync(join(packages, path), 'utf8')
          .replaceAll("'../src/index'", `'${name}'`)
          .replaceAll("'../src/testing'", `'${name}/testing'`);
        writeFileSync(join(project, file), text);
        return file;
      });
      try {
        const tsc = join(modules, compiler, 'bin', 'tsc');
        execFileSync(process.execPath, [tsc, ...options.split(' '), ...files, `load.${extension}`], {
          cwd: project,
          stdio: 'inherit',
        });
      } finally {
        for (const file of files) rmSync(join(project, file));
      }
      compilations += 1;
      console.log(`packed types: TypeScript ${version}, .${extension}: fine`);
    }
  }
  return compilations;
}
