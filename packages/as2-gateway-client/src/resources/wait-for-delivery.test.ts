import { ConnectionError, UnauthorizedError } from '@mft-bridge/http-transport';
import { parseDisposition } from '../mdn/parse-disposition';
import type { Delivery } from './delivery';
import { waitForDelivery } from './wait-for-delivery';

const unknown: Delivery = { state: 'unknown', good: false };
const queued: Delivery = { state: 'queued', good: false };
const sentOnly: Delivery = { state: 'sent', good: false };
const confirmed: Delivery = { state: 'sent', good: true, disposition: parseDisposition('processed') };
const outage = new ConnectionError({
  message: 'refused',
  operation: 'x',
  outcome: 'not-sent',
  host: 'h',
  attempts: 4,
});

function scene(...looks: (Delivery | Error)[]) {
  let time = 0;
  const at: number[] = [];
  return {
    at,
    context: {
      now: () => time,
      sleep: (ms: number) => {
        time += ms;
        return Promise.resolve();
      },
      look: () => {
        at.push(time);
        const next = (looks.length > 1 ? looks.shift() : looks[0]) ?? unknown;
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
    },
  };
}

describe('waiting for a delivery', () => {
  it('goes on until the receipt is there', async () => {
    const { at, context } = scene(unknown, queued, sentOnly, confirmed);
    expect(await waitForDelivery(context)).toBe(confirmed);
    expect(at).toEqual([0, 2000, 5000, 9500]);
  });

  it('ends at once with a failure', async () => {
    const failed: Delivery = { state: 'failed', good: false };
    const { at, context } = scene(queued, failed);
    expect(await waitForDelivery(context)).toBe(failed);
    expect(at).toHaveLength(2);
  });

  it.each([unknown, queued, sentOnly])('returns the last answer when the time is over: %j', async (last) => {
    const { at, context } = scene(last);
    expect(await waitForDelivery(context, { timeoutMs: 60_000 })).toBe(last);
    expect(Math.max(...at)).toBe(60_000);
  });

  it('uses the whole of a time that is shorter than the pause, and looks at its end', async () => {
    const { at, context } = scene(queued, confirmed);
    expect(await waitForDelivery(context, { timeoutMs: 500 })).toBe(confirmed);
    expect(at).toEqual([0, 500]);
  });

  it.each([{ timeoutMs: Number.NaN }, { timeoutMs: -1 }, { pollMs: 0 }, { pollMs: Number.NaN }])(
    'refuses %j, which would end at once or never rest',
    async (options) => {
      const { at, context } = scene(queued);
      await expect(waitForDelivery(context, options)).rejects.toMatchObject({ name: 'InvalidRequestError' });
      expect(at).toEqual([]);
    },
  );

  it('waits an outage out, but not one that outlasts the time', async () => {
    expect(await waitForDelivery(scene(queued, outage, outage, confirmed).context)).toBe(confirmed);
    await expect(waitForDelivery(scene(queued, outage).context, { timeoutMs: 10_000 })).rejects.toBe(outage);
  });

  it('does not wait out what will not pass', async () => {
    const refused = new UnauthorizedError({
      message: 'no',
      operation: 'x',
      outcome: 'rejected',
      status: 401,
      method: 'GET',
      path: '/',
      headers: {},
      attempts: 1,
    });
    const { at, context } = scene(refused);
    await expect(waitForDelivery(context)).rejects.toBe(refused);
    expect(at).toHaveLength(1);
  });
});
