import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

/** Passed, or its connection is reset: before the server has it, or after it was done and before its answer. */
export type CommitFate = 'passed' | 'before' | 'answer';

/** Stands between a bridge and its PostgreSQL, and behaves as networks do. */
export interface FaultProxy {
  readonly port: number;
  /** Connections that are made from now on end there: the address has moved. */
  moveTo(port: number): void;
  /** Resets every connection. */
  cut(): void;
  /** What becomes of the next COMMITs, in their order. */
  cutCommits(plan: readonly CommitFate[]): void;
  /** Nothing passes on the connections that there are, and neither side is told; new ones work. */
  freeze(): void;
  /** Nothing passes at all: what was connected is silent, what is made is silent as well, or is reset. */
  part(how: 'silent' | 'reset'): void;
  /** What stood still since `part` flows again, as after a short break of a network; `freeze` is for good. */
  heal(): void;
  /** Resets what still stands still, as the keep-alives of both systems would in a while. */
  clear(): void;
  /** COMMITs that were cut so far. */
  readonly commitsCut: () => number;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  frozen: boolean;
}

export async function startFaultProxy(target: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  const plan: CommitFate[] = [];
  let goal = target;
  let parted: 'silent' | 'reset' | null = null;
  let commitsCut = 0;

  function end({ client, upstream }: Pair): void {
    client.resetAndDestroy();
    upstream.resetAndDestroy();
  }

  /** A paused socket tells nothing, not even that the other side has left. */
  function flow({ client, upstream }: Pair, on: boolean): void {
    for (const socket of [client, upstream]) {
      if (on) socket.resume();
      else socket.pause();
    }
  }

  const server = createServer({ pauseOnConnect: true }, (client) => {
    if (parted === 'reset') {
      client.resetAndDestroy();
      return;
    }
    const pair: Pair = { client, upstream: connect(goal, '127.0.0.1'), frozen: false };
    pairs.add(pair);
    let isMuted = false;
    for (const socket of [client, pair.upstream]) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        // Who waits behind a silent line does not hear that the other has gone.
        if (pair.frozen || parted === 'silent') return;
        pairs.delete(pair);
        client.destroy();
        pair.upstream.destroy();
      });
    }
    client.on('data', (bytes) => {
      const fate = bytes.includes('commit\0') ? plan.shift() : undefined;
      if (fate === 'before' || fate === 'answer') commitsCut += 1;
      if (fate === 'before') {
        end(pair);
        return;
      }
      if (fate === 'answer') isMuted = true;
      pair.upstream.write(bytes);
    });
    pair.upstream.on('data', (bytes) => {
      // Its answer says that it is done, and nobody hears it.
      if (isMuted) end(pair);
      else client.write(bytes);
    });
    flow(pair, parted === null);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    moveTo: (port) => void (goal = port),
    cut() {
      for (const pair of pairs) end(pair);
    },
    cutCommits: (next) => void plan.splice(0, plan.length, ...next),
    freeze() {
      for (const pair of pairs) {
        pair.frozen = true;
        flow(pair, false);
      }
    },
    part(how) {
      parted = how;
      for (const pair of pairs) {
        if (how === 'reset') end(pair);
        else flow(pair, false);
      }
    },
    heal() {
      parted = null;
      for (const pair of pairs) {
        if (pair.client.destroyed || pair.upstream.destroyed) {
          pairs.delete(pair);
          end(pair);
        } else if (!pair.frozen) flow(pair, true);
      }
    },
    clear() {
      for (const pair of [...pairs].filter(({ frozen }) => frozen)) {
        pairs.delete(pair);
        end(pair);
      }
    },
    commitsCut: () => commitsCut,
    close: () =>
      new Promise((resolve) => {
        for (const pair of pairs) end(pair);
        server.close(() => resolve());
      }),
  };
}
