import type { Bridge } from '../../src/bridge';
import { openBridge } from '../../src/bridge';
import { loadConfig } from '../../src/config/load';
import { collectSecrets } from '../../src/config/secret';
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
