import type { Operation, Transport } from '@mft-bridge/http-transport';
import { oldNamesIn } from './schemas/old-names';
import type { OldName } from './schemas/old-names';

/** The same transport, which looks through every answer for old names before it is read. */
export function watchOldNames(
  transport: Transport,
  note: (operation: string, name: OldName) => void,
): Transport {
  function watched<In, Out>(operation: Operation<In, Out>): Operation<In, Out> {
    const { name, output } = operation;
    if (!output) return operation;
    return {
      ...operation,
      output: {
        parse(value) {
          for (const oldName of oldNamesIn(value)) note(name, oldName);
          return output.parse(value);
        },
      },
    };
  }
  return {
    ...transport,
    call: (operation, input, options) => transport.call(watched(operation), input, options),
    send: (operation, input, options) => transport.send(watched(operation), input, options),
  };
}
