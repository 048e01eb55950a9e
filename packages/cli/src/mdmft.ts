import { processContext } from './context';
import { createMdmft } from './mdmft/create-mdmft';
import { runProgram } from './program';

const context = processContext();
await runProgram(createMdmft(context), context, process.argv.slice(2));
