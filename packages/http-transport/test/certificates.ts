import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Pair {
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  readonly ca: string;
  issue(name: string, extension: string): Pair;
  remove(): void;
}

/** A private certificate authority, made by openssl for the length of a test. */
export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'mft-bridge-ca-'));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const read = (name: string): string => readFileSync(file(name), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=Test Authority',
    '-days',
    '2',
  );
  return {
    ca: read('ca.crt'),
    issue: (name, extension) => {
      writeFileSync(file(`${name}.ext`), extension);
      openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      openssl(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-out',
        `${name}.crt`,
        '-days',
        '1',
        '-extfile',
        `${name}.ext`,
      );
      return { key: read(`${name}.key`), cert: read(`${name}.crt`) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
