import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import pino from 'pino';
import { staticSession } from '../src/index';
import type { Operation, Transport, TransportOptions } from '../src/index';
import { testTransport } from './transports';

/** Planted everywhere; none may come out anywhere. */
export const canaries = {
  token: 'CANARYtoken0001',
  password: 'CANARYpassword0002',
  query: 'CANARYquery0003',
  header: 'CANARYheader0004',
  pathParameter: 'CANARYpath0005',
  binaryBody: 'CANARYbinary0006',
  proxyUser: 'CANARYproxy0007',
  key: 'CANARYkey0008',
  passphrase: 'CANARYphrase0010',
  answerHeader: 'CANARYanswer0009',
};

export const operation = (body: 'json' | 'bytes' = 'json'): Operation<void, unknown> => ({
  name: 'things.make',
  method: 'POST',
  path: '/things/{shareToken}',
  safety: 'keyed',
  encode: () => ({
    params: { shareToken: canaries.pathParameter },
    query: { signature: canaries.query },
    headers: { 'x-api-key': canaries.header },
    body:
      body === 'json'
        ? { json: { user: 'someone', password: canaries.password } }
        : { bytes: Buffer.from(canaries.binaryBody) },
  }),
});

/** Everything by which an error or event may reach a log, a page or another process. */
function outlets(value: unknown): string[] {
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const logger = pino(sink);
  logger.error(value as object, 'failed');
  logger.error({ err: value }, 'failed');
  const chain: unknown[] = [];
  for (let level: unknown = value; level instanceof Error; level = level.cause)
    chain.push(level.stack, level.message);
  let clone: unknown;
  try {
    clone = structuredClone(value);
  } catch {
    clone = undefined;
  }
  return [
    ...lines,
    inspect(value, { depth: 20, getters: true }),
    inspect(value, { depth: 20, getters: true, showHidden: true }),
    inspect({ nested: [value] }, { depth: 20, showHidden: true }),
    deserialize(serialize(clone)) instanceof Error ? inspect(deserialize(serialize(clone))) : '',
    inspect(clone, { depth: 20 }),
    JSON.stringify(value),
    String(value),
    ...chain.map(String),
  ];
}

/** Names of the classes of all errors that were looked at, to tell that none was forgotten. */
export const lookedAt = new Set<string>();

export function expectClean(value: unknown): void {
  if (value instanceof Error) {
    lookedAt.add(value.name);
    // An AxiosError prints the token through inspect, JSON, pino and cause: none leaves, in whatever place.
    expect(value.cause).toBeUndefined();
    expect(value).not.toHaveProperty('isAxiosError');
    expect(Object.getOwnPropertyNames(value)).not.toEqual(expect.arrayContaining(['config']));
  }
  for (const text of outlets(value)) {
    for (const [name, canary] of Object.entries(canaries)) {
      expect({ name, leaks: text.includes(canary) }).toEqual({ name, leaks: false });
      const encoded = Buffer.from(canary).toString('base64').slice(0, -4);
      expect({ name, leaks: text.includes(encoded) }).toEqual({ name, leaks: false });
    }
    expect(text.length).toBeLessThan(4096);
  }
}

/** A transport with a canary in each of its options, whose events are kept in `seen`. */
export function leakyTransport(
  seen: unknown[],
  baseUrl: string,
  options: Partial<TransportOptions> = {},
): Transport {
  const transport = testTransport({
    baseUrl,
    session: staticSession({ name: 'authorization', value: `Bearer ${canaries.token}` }),
    egress: { key: canaries.key, cert: canaries.key, ca: canaries.key, passphrase: canaries.passphrase },
    retry: { maxAttempts: 2 },
    readError: (body) => ({ code: 'E_ECHO', message: JSON.stringify(body) }),
    ...options,
  });
  for (const event of ['request', 'response', 'retry', 'deprecation'] as const)
    transport.on(event, (value) => seen.push(value));
  return transport;
}
