import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BridgeProcess } from './bridge-process';
import { startBridgeProcess } from './bridge-process';
import type { Rig } from './open-rig';

/** Bridges that share a ledger and a custody directory, each with its own data directory, as on machines of their own. */
export interface SeveralBridges {
  /** Starts the one with this number, or starts it again. */
  start(number: number, more?: Readonly<Record<string, string>>): BridgeProcess;
  /** Those that were started last, by number. */
  readonly running: ReadonlyMap<number, BridgeProcess>;
  configFile(number: number): string;
  /** Starts another with the configuration of this one. */
  twin(number: number): BridgeProcess;
}

/** Writes a configuration for each of them. */
export async function severalBridges(
  { config: { file, env }, directory }: Pick<Rig, 'config' | 'directory'>,
  { script, count }: { readonly script: string; readonly count: number },
): Promise<SeveralBridges> {
  const base = JSON.parse(await readFile(file, 'utf8')) as {
    custody?: object;
    ledger?: { postgres?: object };
  };
  const shared = join(directory, 'custody');
  await mkdir(shared, { recursive: true });
  const configFile = (number: number): string => join(dirname(file), `bridge-${String(number)}.yaml`);
  for (let number = 1; number <= count; number += 1) {
    const config = {
      ...base,
      dataDirectory: join(directory, `data-${String(number)}`),
      custody: {
        ...base.custody,
        directory: shared,
        shared: true,
        keyFile: join(directory, 'custody-key.json'),
      },
      ledger: { postgres: { ...base.ledger?.postgres, name: `bridge-${String(number)}` } },
    };
    await writeFile(configFile(number), JSON.stringify(config, null, 2));
  }
  const running = new Map<number, BridgeProcess>();
  return {
    running,
    configFile,
    twin: (number) => startBridgeProcess({ script, configFile: configFile(number), env }),
    start(number, more = {}) {
      const started = startBridgeProcess({
        script,
        configFile: configFile(number),
        env: { ...env, ...more },
      });
      running.set(number, started);
      return started;
    },
  };
}
