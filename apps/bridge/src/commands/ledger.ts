import type { Command } from 'commander';
import type { CommandContext } from './command-context';
import { registerLedgerMigrate } from './ledger-migrate';
import { registerLedgerRestore } from './ledger-restore';
import { registerLedgerVerify } from './ledger-verify';

/** Adds `mft-bridge ledger` with `verify`, `backup`, `restore`, `after-restore` and `migrate`. */
export function registerLedger(program: Command, context: CommandContext): void {
  const ledger = program.command('ledger').description('check, copy, move and bring back the ledger');
  registerLedgerVerify(ledger, context);
  registerLedgerRestore(ledger, context);
  registerLedgerMigrate(ledger, context);
}
