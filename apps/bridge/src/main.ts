import { Command } from 'commander';
import manifest from '../package.json';
import { openBridge } from './bridge';
import { processContext } from './commands/command-context';
import { registerConfig } from './commands/config';
import { registerDoctor } from './commands/doctor';
import { registerKey } from './commands/key';
import { registerLedger } from './commands/ledger';
import { registerMessage } from './commands/message';
import { registerStart } from './commands/start';
import { threadWriter } from './ledger/thread-writer';

const program = new Command('mft-bridge')
  .description('Scans every inbound AS2 attachment and forwards only what was positively cleared')
  .version(manifest.version);
const context = processContext();
// Built beside this file. Nothing stands in for it: without its thread the ledger is not opened.
const openWriter = threadWriter({ script: new URL('./ledger-writer.js', import.meta.url) });
registerStart(program, context, (config, log) => openBridge(config, log, openWriter));
registerConfig(program, context);
registerDoctor(program, context);
registerMessage(program, context);
registerLedger(program, context);
registerKey(program, context);
await program.parseAsync();
