// Loaded before the bridge (`node --import`): writes down the points that the bridge announces, or ends the process with
// SIGKILL at one of them (or stops it, where KILL_TEST_SIGNAL says SIGSTOP). Not TypeScript, since it is loaded before anything that could translate it.
import diagnosticsChannel from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

const {
  KILL_TEST_POINT: deadly,
  KILL_TEST_NTH: nth = '1',
  KILL_TEST_LOG: log,
  KILL_TEST_SIGNAL: signal = 'SIGKILL',
} = process.env;
let seen = 0;

diagnosticsChannel.subscribe('mft-bridge:step', ({ stage, point }) => {
  const name = `${stage} ${point}`;
  if (log) appendFileSync(log, `${name}\n`);
  if (name !== deadly) return;
  seen += 1;
  if (seen === Number(nth)) process.kill(process.pid, signal);
});
