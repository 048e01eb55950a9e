import { defaultConfigFile } from './config';

/** `--config` of the commands about the ledger. */
export const ledgerConfigOption = [
  '-c, --config <file>',
  'the configuration that names the ledger',
  defaultConfigFile,
] as const;
