/** @jest-config-loader esbuild-register */
import type { Config } from 'jest';

// Published as ES modules only: jest runs in CommonJS mode, so they are transformed like our own sources.
const esmOnly = [
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
  'log-update',
  'ansi-escapes',
  'cli-cursor',
  'restore-cursor',
  'slice-ansi',
  'is-fullwidth-code-point',
  'strip-ansi',
  'ansi-regex',
  'ansi-styles',
  'wrap-ansi',
  'string-width',
  'get-east-asian-width',
  'environment',
  'onetime',
  'mimic-function',
  'signal-exit',
];

const project = (folder: string): NonNullable<Config['projects']>[number] => ({
  displayName: folder.split('/')[1] ?? folder,
  rootDir: folder,
  testEnvironment: 'node',
  // Not `module-sync`: dependencies of Express answer it with .mjs files, which jest cannot require on Node 20.
  // file-type offers its Node entry under that condition alone, hence the mapper.
  testEnvironmentOptions: { customExportConditions: ['@mft-bridge/source', 'node', 'require'] },
  moduleNameMapper: { '^file-type$': 'file-type/node' },
  testMatch: ['<rootDir>/{src,test}/**/*.test.ts'],
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [
    `/node_modules/(?!\\.pnpm|(${esmOnly.join('|')})/)`,
    `/node_modules/\\.pnpm/(?!(${esmOnly.map((name) => name.replace('/', '\\+')).join('|')})[@+])`,
  ],
});

const config: Config = {
  projects: [
    'packages/http-transport',
    'packages/metadefender-mft-client',
    'packages/as2-gateway-client',
    'packages/sandbox',
    'packages/cli',
    'apps/bridge',
    'apps/demo',
  ].map(project),
  // For a slow machine with other work beside: what hangs still ends.
  testTimeout: 120_000,
  maxWorkers: '100%',
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  collectCoverageFrom: ['src/**/*.ts', '!src/**/*.test.ts'],
};

export default config;
