import { fileURLToPath } from 'node:url';

// The rig's files are CommonJS where jest runs them, and ask for their directory by this name; a module has none. All who
// ask stand in `rig`. To be imported before them.
Object.assign(globalThis, { __dirname: fileURLToPath(new URL('../rig', import.meta.url)) });
