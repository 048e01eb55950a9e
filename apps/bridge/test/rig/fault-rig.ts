import type { Message } from '../../src/domain/message';
import { openSqliteLedgerReader } from '../../src/ledger/sqlite-ledger-reader';
import type { IntakeFailure } from '../../src/ledger/ledger';
import type { Rig, RigOptions } from './open-rig';
import { openRig } from './open-rig';
import { describeProgress, isDone, readProgress } from './progress';
import type { RewritingProxy } from './rewriting-proxy';
import { startRewritingProxy } from './rewriting-proxy';
import type { RunningBridge } from './run-bridge';
import { runBridge } from './run-bridge';
import { until } from './until';

/** A rig in which something stands between the bridge and each service. */
export interface FaultRig extends Rig {
  readonly gatewayProxy: RewritingProxy;
  /** Before the files behind pre-signed addresses; used where an answer was rewritten to lead to it. */
  readonly filesProxy: RewritingProxy;
  readonly scannerProxy: RewritingProxy;
  /** Starts a bridge in this process; `close` stops the last one. */
  start(): Promise<RunningBridge>;
  messages(): Promise<readonly Message[]>;
  intakeFailures(): Promise<readonly IntakeFailure[]>;
  /** Waits until so many messages are in the ledger and nothing is left to do. */
  done(count: number): Promise<readonly Message[]>;
}

export async function openFaultRig(options: Pick<RigOptions, 'changes'> = {}): Promise<FaultRig> {
  const proxies: RewritingProxy[] = [];
  const rig = await openRig({
    ...options,
    async between({ gateway, scanner }) {
      for (const url of [gateway.url, gateway.filesUrl, scanner.url])
        proxies.push(await startRewritingProxy(url));
      return { gatewayUrl: proxies[0]!.url, scannerUrl: proxies[2]!.url };
    },
  });
  let bridge: RunningBridge | undefined;
  const { ledgerFile } = rig.config;
  return {
    ...rig,
    gatewayProxy: proxies[0]!,
    filesProxy: proxies[1]!,
    scannerProxy: proxies[2]!,
    async start() {
      bridge = await runBridge(rig.config);
      return bridge;
    },
    messages: async () => (await readProgress(ledgerFile)).messages,
    async intakeFailures() {
      const reader = await openSqliteLedgerReader(ledgerFile);
      try {
        return await reader.intakeFailures.list();
      } finally {
        await reader.close();
      }
    },
    done: (count) =>
      until(
        `${String(count)} messages are settled`,
        async () => {
          const progress = await readProgress(ledgerFile);
          return isDone(progress, count) ? progress.messages : undefined;
        },
        { facts: async () => describeProgress(await readProgress(ledgerFile), bridge?.lines) },
      ),
    async close() {
      await bridge?.stop(1_000);
      for (const proxy of proxies) await proxy.close();
      await rig.close();
    },
  };
}
