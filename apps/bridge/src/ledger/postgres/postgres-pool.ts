import pg from 'pg';
import { LedgerUnavailableError } from '../ledger-unavailable-error';
import type { PostgresAddress } from './postgres-address';
import { checkServer } from './check-server';
import { valueTypes } from './postgres-dialect';
import { isConnectionFault, toPostgresFault } from './postgres-fault';

/** Connections to one server, each set up and checked before its first use. */
export interface PostgresPool {
  readonly address: PostgresAddress;
  /**
   * Lends a connection to `body`. One that broke is thrown away; others take its place by themselves.
   * @throws what `body` throws, and what the server said where none could be opened
   */
  use<Result>(body: (client: pg.PoolClient) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** A server that does not answer for so long is taken for gone. */
const connectMs = 5_000;

/** How any connection of the bridge is made. Several statements are sent without waiting for each answer. */
export function clientConfig(address: PostgresAddress): pg.ClientConfig {
  const { host, port, user, password, database, ssl } = address;
  return {
    host,
    port,
    user,
    password,
    database,
    ssl,
    types: valueTypes,
    application_name: 'mft-bridge',
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // A half-open connection: the server ends a statement after 30 s, so what is silent for longer has nobody behind it.
    query_timeout: 40_000,
    pipeline: true,
  };
}

/** Opens nothing yet. `max` connections at most; who comes when all are lent waits for his turn. */
export function createPostgresPool(address: PostgresAddress, max: number): PostgresPool {
  const pool = new pg.Pool({
    ...clientConfig(address),
    max,
    idleTimeoutMillis: 60_000,
    verify: (client, done) => {
      checkServer(client, address).then(
        () => done(),
        (error: unknown) => done(error as Error),
      );
    },
  });
  // What broke while nobody used it, or while somebody did: he hears of it by his statement.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const line: (() => void)[] = [];
  let lent = 0;
  let closed = false;

  /** The pool's own queue gives up after the time that a connection may take. */
  async function takeTurn(): Promise<void> {
    if (lent < max) lent += 1;
    else await new Promise<void>((resolve) => line.push(resolve));
  }

  function giveTurn(): void {
    const next = line.shift();
    if (next === undefined) lent -= 1;
    else next();
  }

  return {
    address,
    async use(body) {
      if (closed) throw new LedgerUnavailableError('The ledger is closed: the bridge is stopping.', 'CLOSED');
      await takeTurn();
      try {
        const client = await pool.connect();
        let broken: boolean | undefined;
        try {
          return await body(client);
        } catch (error) {
          broken = isConnectionFault(error);
          throw error;
        } finally {
          client.release(broken);
        }
      } finally {
        giveTurn();
      }
    },
    async close() {
      if (closed) return;
      closed = true;
      await pool.end();
    },
  };
}

/** How long an outage is bridged in silence: as long as a server takes to start again. */
const patienceMs = 10_000;
const pauseMs = 100;

/**
 * Does what may be done again, while the connection breaks or cannot be made, for ten seconds at most.
 * @throws LedgerUnavailableError
 */
export async function throughOutage<Result>(name: string, body: () => Promise<Result>): Promise<Result> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await body();
    } catch (error) {
      if (!isConnectionFault(error) || performance.now() > until) throw toPostgresFault(error, name);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
