import type { PostgresCluster } from './postgres-cluster';
import { hasPostgres, startPostgresCluster } from './postgres-cluster';

const given = process.env['TEST_POSTGRES_URL'];

/** `describe` where there is a server to be had; where there is none it says so, and in CI it fails. */
export const describeWithPostgres = given !== undefined || hasPostgres ? describe : describe.skip;

if (given === undefined && !hasPostgres) {
  process.stderr.write(
    'PostgreSQL is not installed, so its tests are skipped: apt-get install postgresql, or set TEST_POSTGRES_URL.\n',
  );
}

/** The server that was named, or a private one for this file; stopped when its tests are done. */
export function testServer(): { readonly url: string } {
  let cluster: PostgresCluster | undefined;
  let url = given ?? '';
  beforeAll(async () => {
    if (given !== undefined) return;
    cluster = await startPostgresCluster();
    url = cluster.url;
  }, 60_000);
  afterAll(() => cluster?.remove());
  return {
    get url() {
      return url;
    },
  };
}
