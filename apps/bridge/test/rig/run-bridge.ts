import type { Bridge } from '../../src/bridge';
import { openBridge } from '../../src/bridge';
import { loadConfig } from '../../src/config/load';
import { collectSecrets } from '../../src/config/secret';
import { writerInThisThread } from '../../src/ledger/sqlite-writer';
import { createLogger } from '../../src/telemetry/log';
import type { RigConfig } from './rig-config';

/** The real bridge in this process. */
export interface RunningBridge extends Bridge {
  /** What it logged so far, one line each. */
  readonly lines: readonly string[];
  /** `GET /readyz`. */
  ready(): Promise<{ status: number; reasons: readonly { part: string; reason: string }[] }>;
}

export async function runBridge({ file, env }: RigConfig): Promise<RunningBridge> {
  const config = await loadConfig(file, env);
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line.trim()) };
  const bridge = await openBridge(
    config,
    createLogger({ level: 'debug', secrets: collectSecrets(config), destination }),
    // The thread is built to a file of its own: where the bridge runs as a process it is that one.
    writerInThisThread,
  );
  return {
    ...bridge,
    lines,
    async ready() {
      const answer = await fetch(`${bridge.url}/readyz`);
      const { reasons } = (await answer.json()) as { reasons: { part: string; reason: string }[] };
      return { status: answer.status, reasons };
    },
  };
}
