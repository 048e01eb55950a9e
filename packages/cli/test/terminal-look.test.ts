import { startAs2GatewaySandbox, startMetaDefenderSandbox } from '@mft-bridge/sandbox';
import type { TransferState } from '../src/terminal/progress-line';
import { progressLine } from '../src/terminal/progress-line';
import { terminalWidth } from '../src/terminal/terminal-text';
import { runCli } from './run-cli';
import { createScratch, eicar } from './scratch';

const ESC = '\u001b';
const ESCAPES = new RegExp(`${ESC}\\[[0-9;?]*[A-Za-z]`, 'g');

test('scan draws a bar, then a spinner, and takes both away; the result stays', async () => {
  const scanner = await startMetaDefenderSandbox({ scanTimeMs: 400 });
  const scratch = createScratch();
  const big = scratch.file('big.bin', Buffer.alloc(30 * 1024 * 1024, 'x'));
  const bad = scratch.file('bad.txt', eicar());
  const { out, err, code } = await runCli('mdmft', ['scan', big, bad], {
    env: { MDMFT_URL: scanner.url, MDMFT_API_KEY: scanner.apiKey },
    columns: 60,
    // The real pace: the bar has to move.
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 200))),
  });
  await scanner.close();
  scratch.remove();
  expect(code).toBe(2);
  const drawn = err.replace(ESCAPES, '\n');
  expect(drawn).toMatch(/big\.bin +[█░]{20} +\d+% +.*of 30\.0 MB/);
  expect(drawn).toMatch(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] big\.bin +scanning \d+s/);
  for (const line of drawn.split('\n')) expect(terminalWidth(line)).toBeLessThan(60);
  // The last thing that is drawn is nothing.
  expect(err.trimEnd()).toMatch(new RegExp(`${ESC}\\[[0-9]*[GK]$`));
  expect(out.replace(ESCAPES, '')).toMatch(/^cleared {3}\S*big\.bin {2}\(.*\)$/m);
  expect(out).toContain('\u001b[31mblocked \u001b[39m');
});

test.each([
  ['beside --json', ['--json'], 80],
  ['in a pipe', [], undefined],
])('%s nothing is drawn and nothing coloured', async (_name, more, columns) => {
  const gateway = await startAs2GatewaySandbox();
  const { tokenId, tokenSecret } = gateway.credentials;
  const scratch = createScratch();
  const { out, err } = await runCli(
    'as2gw',
    ['send', '--from', 'HUB', '--to', 'ACME', scratch.file('a.edi', 'x'), '--wait', ...more],
    {
      env: { AS2GW_URL: gateway.url, AS2GW_TOKEN_ID: tokenId, AS2GW_TOKEN_SECRET: tokenSecret },
      ...(columns === undefined ? {} : { columns }),
    },
  );
  await gateway.close();
  scratch.remove();
  expect(err).toBe('');
  expect(out).not.toContain('\u001b');
});

describe('a line of progress', () => {
  const state: TransferState = { name: 'a.pdf', done: 0, total: 1000, waiting: undefined, since: 0 };
  test.each([
    [{ ...state, done: 500 }, 'a.pdf         ██████████░░░░░░░░░░   50%  500 B of 1000 B  500 B/s'],
    [{ ...state, total: 0 }, 'a.pdf         ████████████████████  100%  0 B of 0 B  0 B/s'],
    [{ ...state, done: 2000 }, 'a.pdf         ████████████████████  100%  2.0 KB of 1000 B  2.0 KB/s'],
    [{ ...state, total: undefined, done: 1500 }, '⠹ a.pdf         1.5 KB  1.5 KB/s'],
    [{ ...state, waiting: 'scanning' }, '⠹ a.pdf         scanning 1s'],
  ])('%j', (given, line) => {
    expect(progressLine(given, 100, 1000)).toBe(line);
  });

  test('never breaks the line, and carries no escape of a name', () => {
    const line = progressLine({ ...state, name: `\u001b[2J${'名'.repeat(80)}` }, 40, 1000);
    expect(terminalWidth(line)).toBeLessThanOrEqual(40);
    expect(line).not.toContain('\u001b');
  });
});
