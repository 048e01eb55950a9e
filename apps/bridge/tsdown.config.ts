import { defineConfig } from 'tsdown';

export default defineConfig({
  // The writer thread is a file of its own, which main.js names.
  entry: { main: 'src/main.ts', 'ledger-writer': 'src/ledger/writer-thread.ts' },
  format: ['esm'],
  platform: 'node',
  target: 'node20',
  fixedExtension: false,
  dts: false,
});
