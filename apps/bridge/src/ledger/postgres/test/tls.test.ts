/** TLS to a server with a certificate of an authority of our own: whom it must convince, and what is said where it does not. */
import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LedgerUnavailableError } from '../../ledger-unavailable-error';
import type { PostgresTarget } from '../postgres-address';
import { openPostgresLedger } from '../postgres-ledger';
import type { PostgresCluster } from './postgres-cluster';
import { hasPostgres, startPostgresCluster } from './postgres-cluster';
import { newSchema, runSql } from './temporary-postgres-ledger';

jest.setTimeout(120_000);

const mistrusted =
  /certificate of PostgreSQL at .* is not trusted or is another host's\. Name the file of its authority/;

(hasPostgres ? describe : describe.skip)('a server with TLS', () => {
  let cluster: PostgresCluster;
  let directory: string;
  const file = (name: string): string => join(directory, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  };

  function makeAuthority(name: string): void {
    openssl(
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`],
    );
  }

  /** Gives the server a certificate for these names, and tells it. */
  function certify(names: string): void {
    openssl(
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-subj', '/CN=ledger', '-keyout', 'server.key', '-out', 'server.csr'],
    );
    writeFileSync(file('names'), `subjectAltName=${names}\n`);
    openssl(
      ...[
        'x509',
        '-req',
        '-in',
        'server.csr',
        '-CA',
        'authority.pem',
        '-CAkey',
        'authority.key',
        '-CAcreateserial',
      ],
      ...['-days', '2', '-extfile', 'names', '-out', 'server.crt'],
    );
    const { uid, gid } = statSync(cluster.directory);
    for (const name of ['server.crt', 'server.key']) {
      const path = join(cluster.directory, name);
      writeFileSync(path, readFileSync(file(name)), { mode: 0o600 });
      chownSync(path, uid, gid);
    }
    runSql(cluster.url, 'public', 'select pg_reload_conf()');
  }

  const target = (changes: Partial<PostgresTarget> & { host?: string }): PostgresTarget => {
    const { host = 'localhost', ...rest } = changes;
    const url = `postgres://ledger@${host}:${String(cluster.port)}/postgres`;
    return { url, tls: 'verify', ca: file('authority.pem'), schema: newSchema(), ...rest };
  };

  /** Whether the connections are encrypted, as the server sees it. */
  async function open(changes: Parameters<typeof target>[0]): Promise<string> {
    const { ledger } = await openPostgresLedger({ ...target(changes), now: () => 0 });
    const seen = runSql(
      cluster.url,
      'public',
      `select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'mft-bridge'`,
    );
    await ledger.close();
    return seen.trim();
  }

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'ledger-tls-'));
    cluster = await startPostgresCluster();
    makeAuthority('authority');
    makeAuthority('stranger');
    certify('DNS:localhost');
    cluster.stop();
    cluster.configure('ssl = on');
    cluster.start();
  }, 60_000);
  afterAll(() => {
    cluster.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  test('one that names the host, of the authority that is trusted, is spoken to in secret', async () => {
    expect(await open({})).toBe('t');
    expect(await open({ tls: 'off' })).toBe('f');
  });

  test('one of another authority, or of none that the system knows, is refused', async () => {
    await expect(open({ ca: file('stranger.pem') })).rejects.toThrow(mistrusted);
    await expect(open({ ca: null })).rejects.toThrow(mistrusted);
  });

  test('one of another host is refused, also where hosts are bare addresses', async () => {
    await expect(open({ host: '127.0.0.1' })).rejects.toThrow(mistrusted);
    certify('IP:127.0.0.1');
    expect(await open({ host: '127.0.0.1' })).toBe('t');
    await expect(open({})).rejects.toThrow(mistrusted);
    certify('DNS:database.example');
    await expect(open({})).rejects.toThrow(mistrusted);
    await expect(open({ host: '127.0.0.1' })).rejects.toThrow(LedgerUnavailableError);
    certify('DNS:localhost');
  });

  test('one that lets only those in who speak in secret', async () => {
    const hba = join(cluster.directory, 'pg_hba.conf');
    const before = readFileSync(hba, 'utf8');
    writeFileSync(hba, `hostnossl all walled all reject\n${before}`);
    runSql(cluster.url, 'public', `create role walled login superuser; select pg_reload_conf()`);
    const url = `postgres://walled@localhost:${String(cluster.port)}/postgres`;
    await expect(open({ url, tls: 'off' })).rejects.toThrow(/lets nobody in from here.*pg_hba\.conf/);
    expect(await open({ url })).toBe('t');
    writeFileSync(hba, before);
    runSql(cluster.url, 'public', 'select pg_reload_conf()');
  });
});
