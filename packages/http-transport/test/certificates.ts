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
  /** `valid`: other dates than today and tomorrow, as YYYYMMDDHHMMSSZ. */
  issue(name: string, extension: string, valid?: { readonly from: string; readonly to: string }): Pair;
  remove(): void;
}

const caConfiguration = `
[ca]
default_ca = test
[test]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
`;

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
    issue: (name, extension, valid) => {
      writeFileSync(file(`${name}.ext`), extension);
      openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      const files = ['-in', `${name}.csr`, '-out', `${name}.crt`, '-extfile', `${name}.ext`];
      if (valid === undefined) {
        openssl(
          'x509',
          '-req',
          ...files,
          '-CA',
          'ca.crt',
          '-CAkey',
          'ca.key',
          '-CAcreateserial',
          '-days',
          '1',
        );
      } else {
        // Only `openssl ca` sets a date that is over.
        writeFileSync(file('ca.conf'), caConfiguration);
        writeFileSync(file('index'), '');
        const dates = ['-startdate', valid.from, '-enddate', valid.to];
        const signer = ['-cert', 'ca.crt', '-keyfile', 'ca.key', '-config', 'ca.conf', '-batch', '-notext'];
        openssl('ca', ...signer, ...dates, ...files);
      }
      return { key: read(`${name}.key`), cert: read(`${name}.crt`) };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
