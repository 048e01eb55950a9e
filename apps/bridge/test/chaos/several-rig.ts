import type { PostgresCluster } from '../../src/ledger/postgres/test/postgres-cluster';
import { startPostgresCluster } from '../../src/ledger/postgres/test/postgres-cluster';
import type { ChaosRig } from './chaos-rig';
import { openChaosRig } from './chaos-rig';
import type { BridgeKeeper } from './keep-bridge';
import type { FaultProxy } from './ledger/fault-proxy';
import { startFaultProxy } from './ledger/fault-proxy';
import { makePostgresLedger } from './ledger/postgres-chaos-ledger';

/** After so long without a sign of life a bridge of such a rig counts as gone. */
export const leaseMs = 3_000;

/** Beside a submit's time: a busy machine notes it late, and whoever stood still past its lease is later than that. */
export const toleranceMs = 2_000;

/** Several bridges over one PostgreSQL and one custody directory. */
export interface SeveralRig extends ChaosRig {
  /** The rig's own bridge first; each reaches the server on a way of its own. */
  readonly bridges: readonly {
    readonly name: string;
    readonly bridge: BridgeKeeper;
    readonly way: FaultProxy;
  }[];
  /** Starts the first, which makes ledger and key, then the others; resolves when all run. */
  startAll(): Promise<void>;
  /** Starts those again that have ended by themselves, as whoever watches a service does. */
  reviveAll(): void;
  /** SIGTERM to each, one after the other. */
  stopAll(): Promise<void>;
}

export interface SeveralRigOptions {
  readonly script: string;
  readonly seed: number;
  readonly names: readonly [string, ...string[]];
}

export async function openSeveralRig({ script, seed, names }: SeveralRigOptions): Promise<SeveralRig> {
  const cluster: PostgresCluster = await startPostgresCluster();
  const ways = await Promise.all(names.map(() => startFaultProxy(cluster.port)));
  const [firstWay] = ways;
  const rig = await openChaosRig({
    script,
    seed,
    makeLedger: makePostgresLedger(cluster, {
      keys: { beat: '1s', lease: `${String(leaseMs)}ms` },
      ...(firstWay === undefined ? {} : { bridgePort: firstWay.port }),
    }),
    isShared: true,
    // Over before the lease is: whoever stood still for so long must not send when it goes on.
    changes: { delivery: { sendWithin: '1s' } },
    // Who was silent for too long is told by the ledger that others go on without it; who finds no server ends.
    mayEnd:
      /does not count as one of the ledger|cannot be reached|broke or could not be made|ECONNREFUSED|ECONNRESET/,
  });
  const bridges: { name: string; bridge: BridgeKeeper; way: FaultProxy }[] = [];
  for (const [index, name] of names.entries()) {
    const way = ways[index];
    if (way === undefined) continue;
    const url = new URL(rig.ledger.env['RIG_LEDGER_URL'] ?? '');
    url.port = String(way.port);
    const bridge = index === 0 ? rig.bridge : await rig.fellow(name, { env: { RIG_LEDGER_URL: url.href } });
    bridges.push({ name, bridge, way });
  }
  return {
    ...rig,
    bridges,
    async startAll() {
      for (const { bridge } of bridges) {
        bridge.start();
        await bridge.up();
      }
    },
    reviveAll() {
      for (const { bridge } of bridges) bridge.revive();
    },
    async stopAll() {
      for (const { bridge } of bridges) await bridge.stop();
    },
    async close() {
      await rig.close();
      for (const way of ways) await way.close();
      cluster.remove();
    },
  };
}
