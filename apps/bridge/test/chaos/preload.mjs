// Loaded before the bridge (NODE_OPTIONS). On SIGUSR2 it reads the file that CHAOS_CONTROL names, and does what stands in
// it: moves the wall clock, lets reads of files in custody fail, or stops the process at its nth way past a point.
// Not TypeScript, since it is loaded before anything that could translate it.
import diagnosticsChannel from 'node:diagnostics_channel';
import { appendFileSync, readFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

let control = {};

function obey() {
  control = JSON.parse(readFileSync(process.env.CHAOS_CONTROL, 'utf8'));
}

const RealDate = Date;
const realNow = Date.now;
const now = () => realNow() + (control.clockMs ?? 0);
Date.now = now;
globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [now()] : given));
  }
};

const realOpen = promises.open;
promises.open = async (path, flags, ...more) => {
  const file = await realOpen(path, flags, ...more);
  if (flags === 'r' && /[\\/]objects[\\/]/.test(String(path))) {
    const read = file.read.bind(file);
    file.read = (...given) =>
      Math.random() < (control.readErrors ?? 0)
        ? Promise.reject(
            Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', errno: -5, syscall: 'read' }),
          )
        : read(...given);
  }
  return file;
};
syncBuiltinESMExports();

// Signals come to the main thread only, and the writer's thread asks for no time.
if (isMainThread && process.env.CHAOS_CONTROL) {
  obey();
  let seen = 0;
  process.on('SIGUSR2', () => {
    seen = 0;
    obey();
  });
  diagnosticsChannel.subscribe('mft-bridge:step', ({ stage, point }) => {
    const { stop } = control;
    if (!stop || stop.point !== `${stage} ${point}`) return;
    seen += 1;
    if (seen !== stop.nth) return;
    delete control.stop;
    appendFileSync(stop.log, 'stopped\n');
    process.kill(process.pid, 'SIGSTOP');
  });
}
