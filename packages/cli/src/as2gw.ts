import { processContext } from './context';
import { createAs2gw } from './as2gw/create-as2gw';
import { runProgram } from './program';

const context = processContext();
await runProgram(createAs2gw(context), context, process.argv.slice(2));
