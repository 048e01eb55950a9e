import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../../test/rig/free-port';

/** A private server, thrown away afterwards. */
export interface PostgresCluster {
  /** Of its superuser. */
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  /** Settings of `postgresql.conf`, from the next start on. */
  configure(lines: string): void;
  /** `immediate`: as after a crash. */
  stop(mode?: 'fast' | 'immediate'): void;
  /** On another port where one is given. */
  start(port?: number): void;
  remove(): void;
}

/** Where Debian puts the programs of each version; elsewhere they are on the PATH. */
function findPrograms(): string | undefined {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).map(Number).filter(Number.isInteger) : [];
  const newest = versions.sort((one, other) => other - one)[0];
  if (newest !== undefined && existsSync(join(root, String(newest), 'bin', 'initdb')))
    return join(root, String(newest), 'bin');
  const found = spawnSync('sh', ['-c', 'dirname "$(command -v initdb)"'], { encoding: 'utf8' });
  const directory = found.stdout.trim();
  return found.status === 0 && directory !== '.' && directory !== '' ? directory : undefined;
}

const programs = findPrograms();

/** Runs a text on a server. */
export const psql = programs === undefined ? 'psql' : join(programs, 'psql');

/** Whether a private server can be started here. In CI a missing one is a failure, elsewhere tests skip. */
export const hasPostgres = programs !== undefined || process.env['CI'] === 'true';

/** PostgreSQL refuses to run as root. */
function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const user of ['postgres', 'nobody']) {
    const found = spawnSync('id', ['-u', user], { encoding: 'utf8' });
    const group = spawnSync('id', ['-g', user], { encoding: 'utf8' });
    if (found.status === 0) return { uid: Number(found.stdout), gid: Number(group.stdout) };
  }
  throw new Error('there is neither a user postgres nor nobody to run PostgreSQL as');
}

/** Makes and starts one: about two seconds. It listens on 127.0.0.1 only and trusts who comes from there. */
export async function startPostgresCluster(): Promise<PostgresCluster> {
  if (programs === undefined)
    throw new Error(
      'PostgreSQL is not installed: apt-get install postgresql, or name one in TEST_POSTGRES_URL',
    );
  const user = unprivileged();
  const base = mkdtempSync(join(tmpdir(), 'ledger-postgres-'));
  if (user !== undefined) chownSync(base, user.uid, user.gid);
  const directory = join(base, 'data');
  const log = join(base, 'log');
  const run = (program: string, ...args: string[]): void => {
    execFileSync(join(programs, program), args, { ...user, cwd: base, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  run('initdb', '--no-sync', '-D', directory, '-U', 'ledger', '-A', 'trust', '-E', 'UTF8', '--locale=C');
  const configure = (lines: string): void => appendFileSync(join(directory, 'postgresql.conf'), `${lines}\n`);
  configure(
    `listen_addresses = '127.0.0.1'\nunix_socket_directories = ''\nmax_connections = 60\nshared_buffers = 32MB`,
  );
  let running = false;
  const cluster = {
    port: await freePort(),
    get url() {
      return `postgres://ledger@127.0.0.1:${String(cluster.port)}/postgres`;
    },
    directory,
    configure,
    stop(mode: 'fast' | 'immediate' = 'fast') {
      if (!running) return;
      running = false;
      run('pg_ctl', 'stop', '-w', '-D', directory, '-m', mode);
    },
    start(port?: number) {
      if (port !== undefined) cluster.port = port;
      run('pg_ctl', 'start', '-w', '-D', directory, '-l', log, '-o', `-p ${String(cluster.port)}`);
      running = true;
    },
    remove() {
      process.off('exit', cluster.remove);
      cluster.stop('immediate');
      rmSync(base, { recursive: true, force: true });
    },
  };
  // A suite that is ended in the middle leaves no server behind.
  process.on('exit', cluster.remove);
  cluster.start();
  return cluster;
}
