import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable-error';
import { registerStart } from './start';

test('a bridge that lost its ledger stops what runs at once and ends with 1', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'start-test-'));
  const file = join(directory, 'bridge.yaml');
  writeFileSync(
    file,
    `gateway: { auth: { username: u, password: { env: PASSWORD } }, stations: [HUB] }
scanner: { baseUrl: "https://scanner.example", auth: { apiKey: { env: KEY } } }
intake: { startFrom: 2026-01-31 }
destinations: { archive: { kind: folder, directory: out } }
routes: [{ name: all, destinations: [archive] }]
web: { private: { token: { env: TOKEN } } }
log: { level: error }
`,
  );
  const before = (['SIGINT', 'SIGTERM'] as const).map((signal) => process.listeners(signal));
  const codes: number[] = [];
  const stops: number[] = [];
  const ends: number[] = [];
  const logged = jest.spyOn(process.stdout, 'write').mockImplementation(() => true);
  try {
    const program = new Command('mft-bridge');
    const output = { write: (): boolean => true };
    const context = {
      stdout: output,
      stderr: output,
      env: { PASSWORD: 'password', KEY: 'key', TOKEN: 'token-of-16-characters' },
      now: Date.now,
      setExitCode: (code: number) => void codes.push(code),
      endWithin: (ms: number) => void ends.push(ms),
    };
    registerStart(program, context, () =>
      Promise.resolve({
        url: 'http://127.0.0.1:1',
        lost: Promise.resolve(new LedgerUnavailableError('the thread died', 'WRITER_DIED')),
        stop: (graceMs: number) => {
          stops.push(graceMs);
          return Promise.resolve();
        },
      }),
    );
    await program.parseAsync(['start', '--config', file], { from: 'user' });
  } finally {
    logged.mockRestore();
    for (const [index, signal] of (['SIGINT', 'SIGTERM'] as const).entries()) {
      for (const listener of process.listeners(signal))
        if (!before[index]!.includes(listener)) process.off(signal, listener);
    }
    rmSync(directory, { recursive: true });
  }
  // A connection that nobody closes must not keep it alive.
  expect([codes, stops, ends]).toEqual([[1], [0], [5_000]]);
});
