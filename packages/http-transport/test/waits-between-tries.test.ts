import { ServiceUnavailableError, TimeoutError } from '../src/index';
import { failure, json, loopback } from './loopback-server';
import type { Loopback } from './loopback-server';
import { closeTransports, get, testTransport } from './transports';

let server: Loopback;
afterEach(async () => {
  await closeTransports();
  await server.close();
});

describe('Retry-After', () => {
  it.each([
    ['seconds', () => '7', 7000],
    ['a date', () => new Date(1_000_000 + 9000).toUTCString(), 9000],
  ])('is waited for, given as %s', async (_, value, ms) => {
    let first = true;
    server = await loopback((__, response) => {
      if (first) json(response, 429, {}, { 'retry-after': value() });
      else json(response, 200, {});
      first = false;
    });
    const slept: number[] = [];
    const transport = testTransport({
      baseUrl: server.url,
      now: () => 1_000_000,
      random: () => 0,
      sleep: (wait) => Promise.resolve(void slept.push(wait)),
    });
    await transport.call(get(), undefined);
    expect(slept).toEqual([ms]);
  });

  it.each(['3600', '99999999999'])('of %s seconds is left to the caller', async (value) => {
    server = await loopback((_, response) => json(response, 503, {}, { 'retry-after': value }));
    const error = await failure(testTransport({ baseUrl: server.url }).call(get(), undefined));
    expect(error).toBeInstanceOf(ServiceUnavailableError);
    expect(error).toMatchObject({ retryAfterMs: Number(value) * 1000, attempts: 1 });
  });
});

it('spends a common budget: an outage is not multiplied by its callers', async () => {
  server = await loopback((_, response) => json(response, 503, {}));
  const transport = testTransport({ baseUrl: server.url, now: () => 0, retry: { budget: { capacity: 5 } } });
  await Promise.all(Array.from({ length: 10 }, () => failure(transport.call(get(), undefined))));
  expect(server.seen).toHaveLength(15);
});

it('ends by the total clock although every wait would be short', async () => {
  server = await loopback((_, response) => json(response, 503, {}));
  let now = 0;
  const transport = testTransport({
    baseUrl: server.url,
    now: () => now,
    random: () => 0.99,
    retry: { maxAttempts: 100, budget: { capacity: 100 } },
    clocks: { totalMs: 60_000 },
    sleep: async (ms) => void (now += ms),
  });
  const error = await failure(transport.call(get(), undefined));
  expect(error).toBeInstanceOf(ServiceUnavailableError);
  expect(error).not.toBeInstanceOf(TimeoutError);
  expect(now).toBeLessThan(60_000);
});
