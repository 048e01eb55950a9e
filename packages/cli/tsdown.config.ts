import { defineConfig } from 'tsdown';

export default defineConfig({
  entry: ['src/mdmft.ts', 'src/as2gw.ts'],
  format: ['esm'],
  platform: 'node',
  target: 'node20',
  fixedExtension: false,
  dts: false,
});
