// Says, before pnpm starts, what the one native dependency (better-sqlite3) may need: its prebuilt binary is
// downloaded where that is possible, and compiled where it is not (about 70 s, once).
import { spawnSync } from 'node:child_process';

const has = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;
const missing = [
  has('python3') || has('python') ? [] : ['python3'],
  has('make') ? [] : ['make'],
  has('c++') || has('g++') || has('clang++') ? [] : ['a C++ compiler'],
].flat();

if (process.platform !== 'win32' && missing.length > 0) {
  console.warn(
    `mft-bridge: if the prebuilt binary of better-sqlite3 cannot be downloaded, it has to be compiled, and ${missing.join(', ')} ${missing.length > 1 ? 'are' : 'is'} missing here: on Debian or Ubuntu run "apt-get install -y build-essential python3" and install again.`,
  );
}
