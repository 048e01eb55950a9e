import pg from 'pg';
import { checkServer } from './check-server';
import type { PostgresAddress } from './postgres-address';
import { clientConfig } from './postgres-pool';

/** A connection beside the pool, for what must not stand in line there; it hears what others tell. */
export interface SideConnection {
  /** Lends it, made anew where it broke. @throws what the server or the network says */
  use<Result>(body: (client: pg.ClientBase) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

export interface SideOptions {
  readonly address: PostgresAddress;
  readonly channel: string;
  /** ms after which an answer is not waited for any more. */
  readonly patienceMs: number;
  /** Another connection told this. What is told while the connection is away is lost. */
  readonly onTold: (text: string) => void;
  /** It broke. */
  readonly onBroken: () => void;
}

/** Opens nothing yet. */
export function createSideConnection(options: SideOptions): SideConnection {
  const { address, channel, patienceMs, onTold, onBroken } = options;
  let current: Promise<pg.Client> | undefined;
  let closed = false;

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({ ...clientConfig(address), query_timeout: patienceMs });
    client.on('error', () => undefined);
    client.on('notification', ({ processId, payload = '' }) => {
      // The server tells it also to the one who told it.
      if (processId !== ownProcess(client)) onTold(payload);
    });
    try {
      await client.connect();
      await checkServer(client, address);
      await client.query(`listen ${channel}`);
    } catch (error) {
      end(client);
      throw error;
    }
    return client;
  }

  function connect(): Promise<pg.Client> {
    const opening = open();
    current = opening;
    const forget = (): boolean => {
      const wasCurrent = current === opening;
      if (wasCurrent) current = undefined;
      return wasCurrent;
    };
    opening.then(
      (client) =>
        client.once('end', () => {
          if (forget() && !closed) onBroken();
        }),
      forget,
    );
    return opening;
  }

  return {
    async use(body) {
      const lent = current ?? connect();
      const client = await lent;
      try {
        return await body(client);
      } catch (error) {
        // Whatever it was: what is silent or confused is made anew, and nothing of it is waited for.
        if (current === lent) current = undefined;
        end(client);
        throw error;
      }
    },
    async close() {
      closed = true;
      const client = await current?.catch(() => undefined);
      if (client !== undefined) await client.end().catch(() => undefined);
    },
  };
}

function end(client: pg.Client): void {
  client.end().catch(() => undefined);
}

function ownProcess(client: pg.ClientBase): number | undefined {
  return (client as { readonly processID?: number }).processID;
}
