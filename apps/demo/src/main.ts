import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import colors from 'picocolors';
import { askLine, readKeys } from './keys';
import { createLiveView } from './live-view';
import { startPlay } from './play';
import type { Row } from './rows';
import { scenes } from './scenario';
import type { DemoStage } from './stage';
import { openStage } from './stage';
import { countLine, countOutcomes } from './witness';

const timeoutMs = 120_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((argument) => argument !== '--'),
    options: {
      exit: { type: 'boolean', default: false },
      directory: { type: 'string', default: '.mft-bridge/demo' },
    },
  });
  const directory = resolve(values.directory);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const resolveFrom = createRequire(import.meta.url);
  const binary = (name: string, file: string): string =>
    join(dirname(resolveFrom.resolve(`${name}/package.json`)), 'bin', file);

  const stage = await openStage({
    directory,
    sandboxScript: binary('@mft-bridge/sandbox', 'mft-bridge-sandbox.js'),
    bridgeScript: binary('@mft-bridge/bridge', 'mft-bridge.js'),
    bridgePort: await freePort(),
  });
  try {
    const rows = await perform(stage, {
      untilFinal: values.exit || !process.stdout.isTTY || !process.stdin.isTTY,
    });
    return await summarize(stage, rows, relative(process.cwd(), stage.bridge.configFile));
  } finally {
    await stage.close();
  }
}

async function perform(stage: DemoStage, { untilFinal }: { untilFinal: boolean }): Promise<readonly Row[]> {
  const plugged = { scanner: true, gateway: true };
  let note = '';
  const view = createLiveView(process.stdout);
  const footer = (): string => {
    if (untilFinal) return '';
    const away = (['scanner', 'gateway'] as const)
      .filter((name) => !plugged[name])
      .map((name) => `${name} unplugged`);
    const keys = 'k kill -9 the bridge · s scanner plug · g gateway plug · f send a file of yours · q end';
    return colors.dim([keys, ...away, note].filter((part) => part !== '').join('\n'));
  };
  const play = startPlay({
    stage,
    scenes: await scenes(),
    view,
    untilFinal,
    timeoutMs: untilFinal ? timeoutMs : Number.MAX_SAFE_INTEGER,
    footer,
  });
  if (untilFinal) {
    const rows = await play.finished;
    view.end();
    return rows;
  }

  const toggle = async (service: 'scanner' | 'gateway'): Promise<void> => {
    plugged[service] = !plugged[service];
    await stage.sandbox.setPlugged(service, plugged[service]);
  };
  const sendFile = async (): Promise<void> => {
    keys.close();
    play.pauseDrawing(true);
    view.end();
    try {
      const path = await askLine('\nPath of the file to send: ');
      if (path !== '') await play.sendFile(resolve(path));
    } finally {
      keys = readKeys(process.stdin, { onKey });
      play.pauseDrawing(false);
    }
  };
  const act = async (key: string): Promise<void> => {
    note = '';
    if (key === 'k') {
      note = 'the bridge was killed with -9; it starts again';
      await stage.killBridge();
      note = 'the bridge is back';
    } else if (key === 's') await toggle('scanner');
    else if (key === 'g') await toggle('gateway');
    else if (key === 'f') await sendFile();
    else if (key === 'q') play.stop();
  };
  function onKey(key: string): void {
    act(key).catch((error: unknown) => {
      note = error instanceof Error ? error.message : String(error);
    });
  }
  let keys = readKeys(process.stdin, { onKey });
  try {
    return await play.finished;
  } finally {
    keys.close();
    view.end();
  }
}

/** The count, by the witnesses; then what to try next. @returns the exit status */
async function summarize(stage: DemoStage, rows: readonly Row[], configFile: string): Promise<number> {
  const bridge = await stage.view();
  const count = countOutcomes(
    await stage.sandbox.observe(),
    await stage.folderFiles(),
    bridge?.messages ?? [],
  );
  const wrong = rows.filter(({ status, expected }) => expected !== null && status !== expected);
  for (const { title, status, expected, detail } of wrong) {
    process.stdout.write(
      `${colors.red('unexpected')} ${title}: ${status}, expected ${expected ?? ''} ${detail}\n`,
    );
  }
  const suspect = bridge?.messages.find(({ state }) => state === 'quarantined');
  const command = 'npx -y pnpm@10.34.9 -s mft-bridge';
  const next = [
    `${command} message ls --config ${configFile}`,
    `${command} message show ${suspect?.id.slice(0, 8) ?? 'ID'} --config ${configFile}`,
    'cp apps/bridge/bridge.example.yaml bridge.yaml    # then `npx -y pnpm@10.34.9 start` against your own services',
  ];
  process.stdout.write(
    `\n${colors.bold(countLine(count))}\n\nTry next:\n${next.map((line) => `  ${line}\n`).join('')}`,
  );
  const expectedForwarded = rows.filter(({ expected }) => expected === 'forwarded').length;
  const clean = count.lost === 0 && count.twice === 0 && count.withoutEvidence === 0;
  return wrong.length === 0 && clean && count.forwarded >= expectedForwarded ? 0 : 1;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolvePort) => server.listen(0, '127.0.0.1', resolvePort));
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

main().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
