import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPackageTypes } from './package-types';

const file = join(__dirname, '../etc/api.md');

describe('the public types', () => {
  const types = readPackageTypes();

  it('take the right uses and refuse the wrong ones', () => {
    expect(types.useErrors).toEqual([]);
  });

  it('need nothing but our own transport, and the sandbox for tests', () => {
    expect(types.typeDependencies).toEqual({
      '.': ['@mft-bridge/http-transport', 'node:stream'],
      './testing': ['@mft-bridge/http-transport', '@mft-bridge/sandbox', 'node:stream'],
    });
  });

  it('have TSDoc, each of them and each of its members', () => {
    expect(types.undocumented).toEqual([]);
  });

  it('are those of etc/api.md; UPDATE_API=1 writes the file anew, and its difference belongs in the change log', () => {
    if (process.env['UPDATE_API'] === '1') writeFileSync(file, types.report);
    expect(readFileSync(file, 'utf8')).toBe(types.report);
  });
});
