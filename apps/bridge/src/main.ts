import { Command } from 'commander';
import manifest from '../package.json';
import { openBridge } from './bridge';
import { processContext } from './commands/command-context';
import { registerConfig } from './commands/config';
import { registerDoctor } from './commands/doctor';
import { registerMessage } from './commands/message';
import { registerStart } from './commands/start';

const program = new Command('mft-bridge')
  .description('Scans every inbound AS2 attachment and forwards only what was positively cleared')
  .version(manifest.version);
const context = processContext();
registerStart(program, context, openBridge);
registerConfig(program, context);
registerDoctor(program, context);
registerMessage(program, context);
await program.parseAsync();
