import { createTransport } from '../src/index';
import type { Operation, RequestBody, Safety, Transport, TransportOptions } from '../src/index';

const open: Transport[] = [];

/** A transport that waits for nothing between tries, and is closed after the test. */
export function testTransport(options: TransportOptions): Transport {
  const transport = createTransport({ sleep: () => Promise.resolve(), ...options });
  open.push(transport);
  return transport;
}

export async function closeTransports(): Promise<void> {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
}

export const get = <In = void>(path = '/thing', safety: Safety = 'safe'): Operation<In, unknown> => ({
  name: 'things.get',
  method: 'GET',
  path,
  safety,
});

export const post = (safety: Safety, body: () => RequestBody): Operation<void, unknown> => ({
  name: 'things.make',
  method: 'POST',
  path: '/things',
  safety,
  encode: () => ({ body: body() }),
});
