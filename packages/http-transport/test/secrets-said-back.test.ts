import type { IncomingMessage } from 'node:http';
import { inspect } from 'node:util';
import { z } from 'zod';
import { staticSession } from '../src/index';
import type { ApiError, RequestParts, Transport, TransportOptions } from '../src/index';
import { canaries, expectClean, leakyTransport, operation } from './canaries';
import { failure, json, loopback } from './loopback-server';
import type { Loopback, Seen } from './loopback-server';
import { closeTransports } from './transports';

let server: Loopback | undefined;
let seen: unknown[] = [];
beforeEach(() => {
  seen = [];
});
afterEach(async () => {
  await closeTransports();
  await server?.close();
  server = undefined;
});

const leaky = (baseUrl: string, options: Partial<TransportOptions> = {}): Transport =>
  leakyTransport(seen, baseUrl, options);

describe('secrets that a server says back in other words stay inside', () => {
  const saying = async (
    body: (seen: Seen, request: IncomingMessage) => unknown,
    parts: RequestParts,
    options: Partial<TransportOptions> = {},
  ): Promise<unknown> => {
    server = await loopback((request, response, one) => json(response, 400, { said: body(one, request) }));
    const readError = (answer: unknown): { message: string } => ({
      message: String((answer as { said: unknown }).said),
    });
    const transport = leaky(server.url, { readError, ...options });
    return failure(transport.call({ ...operation(), encode: () => parts }, undefined));
  };
  const params = { shareToken: 'x' };

  it('decoded from Basic credentials', async () => {
    const value = `Basic ${Buffer.from(`someone:${canaries.password}`).toString('base64')}`;
    expectClean(
      await saying(() => `no user with ${canaries.password}`, { params, headers: { authorization: value } }),
    );
    await server!.close();
    const session = staticSession({ name: 'authorization', value });
    expectClean(await saying(() => `no user with ${canaries.password}`, { params }, { session }));
  });

  it.each([
    ['percent-encoded', (secret: string) => encodeURIComponent(secret)],
    ['as JSON', (secret: string) => JSON.stringify(secret)],
  ])('%s', async (_, spell) => {
    const password = `CANARY "p" ä/${canaries.password}`;
    const error = await saying(() => `for ${spell(password)}`, {
      params,
      body: { json: { login: { password } } },
    });
    expectClean(error);
  });

  it('so often that the cut of the text falls into one of them', async () => {
    const token = `CANARY${'t'.repeat(4000)}`;
    const session = staticSession({ name: 'authorization', value: `Bearer ${token}` });
    const error = await saying(() => `${token} ${token} ${token}`, { params }, { session });
    expect(inspect(error, { showHidden: true })).not.toMatch(/CANARY/);
  });

  it('as a key of a record that the output schema refuses', async () => {
    server = await loopback((request, response) =>
      json(response, 200, {
        [request.headers.authorization!]: 1,
        [`${canaries.query}\r\nFORGED line`]: 1,
        ...Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`${at}${'k'.repeat(500)}`, 1])),
      }),
    );
    const output = z.record(z.string(), z.string());
    const error = await failure<Error>(leaky(server.url).call({ ...operation(), output }, undefined));
    expect(error).toMatchObject({ name: 'ResponseShapeError' });
    expect(error.message).not.toMatch(/\n/);
    expectClean(error);
  });

  it('in the headers and ids that are shown, and in notices', async () => {
    const bare = canaries.token;
    server = await loopback((_, response) =>
      json(
        response,
        404,
        {},
        {
          'x-request-id': bare,
          server: bare,
          allow: `GET, ${bare}`,
          sunset: bare,
          warning: `299 - "${bare} will end"`,
          ...Object.fromEntries(
            ['age', 'cache-control', 'expires', 'ratelimit-limit', 'ratelimit-reset', 'last-modified'].map(
              (name) => [name, 'f'.repeat(900)],
            ),
          ),
        },
      ),
    );
    const error = await failure<ApiError>(
      leaky(server.url).call({ ...operation(), name: 'things.notice' }, undefined),
    );
    expect(error).toMatchObject({ status: 404 });
    expect(error.requestId).toBeUndefined();
    expectClean(error);
    for (const event of seen) expectClean(event);
  });
});
