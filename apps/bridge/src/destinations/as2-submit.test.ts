/** Past the end of its window a submission sends nothing, wherever the process was stopped; the gateway is a real server. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import type { As2GatewaySandbox } from '@mft-bridge/sandbox';
import { startAs2GatewaySandbox } from '@mft-bridge/sandbox';
import { submitToGateway } from './as2-submit';
import type { Consignment, DeliveryOutcome, DeliverySteps, Parcel } from './destination';
import { openSendWindow } from './send-window';

let gateway: As2GatewaySandbox;
let client: As2GatewayClient;
/** Bytes of the last submission that were handed over. */
let sent: number;

beforeAll(async () => {
  gateway = await startAs2GatewaySandbox();
});
afterAll(() => gateway.close());
beforeEach(() => {
  client = connect();
});
afterEach(() => client.close());

function connect(): As2GatewayClient {
  const { tokenId, tokenSecret } = gateway.credentials;
  return new As2GatewayClient({ baseUrl: gateway.url, auth: { tokenId, tokenSecret }, limit: false });
}

function parcel(name: string, size: number): Parcel {
  const bytes = Buffer.alloc(size, name);
  const pieces = Array.from({ length: Math.ceil(size / 50_000) }, (_, at) =>
    bytes.subarray(at * 50_000, (at + 1) * 50_000),
  );
  return {
    name,
    contentType: null,
    size,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    open: () => Readable.from(pieces),
  };
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const delivery: Consignment['delivery'] = {
  id: 'd',
  destination: 'warehouse',
  state: 'due',
  intendedAt: null,
  sendBy: null,
  remoteId: null,
  proof: null,
};

/** Ids of all that the gateway has to send, or has sent. */
async function inBoxes(): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const box of ['queued', 'sent', 'failed', 'incomplete'] as const)
    for await (const id of client.outbox.listAll({ box })) ids.push(id);
  return [...new Set(ids)].sort();
}

/** Submits; at the nth look at the clocks so much time has passed. */
async function submit(
  parcels: readonly Parcel[],
  late: { readonly nth: number; readonly byMs: number } = { nth: 0, byMs: 0 },
  signal = new AbortController().signal,
  refusal: () => string | null = () => null,
): Promise<{ outcome: DeliveryOutcome; looks: number; arrived: number }> {
  const before = gateway.calls['POST /message/submit'] ?? 0;
  let looks = 0;
  sent = 0;
  let passed = 0;
  const steps: DeliverySteps = {
    intend: async () =>
      openSendWindow({
        forMs: 60_000,
        now: () => 0,
        monotonic: () => passed,
        signal,
        refusal,
        onCheck: () => {
          looks += 1;
          if (looks === late.nth) passed = late.byMs;
        },
      }),
    staged: () => Promise.reject(new Error('nothing is staged')),
    refusal: () => Promise.resolve(null),
    isClaimed: async () => false,
    onBytes: (bytes) => (sent = bytes),
    signal,
    now: 0,
  };
  const consignment = { delivery, station: 'HUB', partner: 'ACME', subject: null, takenAt: 0, parcels };
  const call = { gateway: client, from: 'HUB', to: 'WAREHOUSE', subject: null, consignment, steps };
  const outcome = await submitToGateway(call);
  return { outcome, looks, arrived: (gateway.calls['POST /message/submit'] ?? 0) - before };
}

test.each([
  ['one small file', [parcel('a.edi', 1_000)]],
  ['one in several pieces', [parcel('b.edi', 180_000)]],
  ['two files', [parcel('c.edi', 1_000), parcel('d.edi', 60_000)]],
])('%s: stopped past the end at any of its looks, it sends no message', async (_name, parcels) => {
  // The first call of all logs in, which is a look more.
  await submit(parcels);
  const undisturbed = await submit(parcels);
  expect(undisturbed.outcome.type).toBe('submitted');
  expect(undisturbed.looks).toBeGreaterThanOrEqual(3);
  const before = await inBoxes();
  for (let nth = 1; nth <= undisturbed.looks; nth += 1) {
    const { outcome } = await submit(parcels, { nth, byMs: 60_000 });
    expect({ nth, type: outcome.type }).toEqual({ nth, type: expect.stringMatching(/^(not-sent|lost)$/) });
  }
  expect(await inBoxes()).toEqual(before);
});

test('before the first byte of the body was handed over it is provably not sent', async () => {
  for (const nth of [1, 2]) {
    const { outcome, arrived } = await submit([parcel('e.edi', 1_000)], { nth, byMs: 60_000 });
    expect(outcome).toMatchObject({ type: 'not-sent', why: expect.stringContaining('had to be sent') });
    expect(arrived).toBe(0);
  }
});

test('stopped for less than its window, it goes on and sends', async () => {
  const { outcome } = await submit([parcel('f.edi', 1_000)], { nth: 2, byMs: 59_000 });
  expect(outcome.type).toBe('submitted');
});

test('a step that is cut off before it began is not sent', async () => {
  const abort = new AbortController();
  abort.abort(new Error('the bridge was stopped'));
  const { outcome, arrived } = await submit([parcel('g.edi', 1_000)], undefined, abort.signal);
  expect(outcome).toMatchObject({ type: 'not-sent', why: 'the bridge was stopped' });
  expect(arrived).toBe(0);
});

describe('nothing may be forwarded any more', () => {
  /** Refused from the nth question on. */
  const from =
    (nth: number, asked = { times: 0 }) =>
    (): string | null =>
      (asked.times += 1) >= nth ? 'the self-test failed' : null;

  test.each([
    ['before the call', 1],
    ['while it waits for its token and its turn', 2],
  ])('%s: it is withdrawn, and nothing has arrived', async (_when, nth) => {
    await submit([parcel('h.edi', 1_000)]);
    const before = await inBoxes();
    const late = { nth: 0, byMs: 0 };
    const { outcome, arrived } = await submit([parcel('h.edi', 1_000)], late, undefined, from(nth));
    expect(outcome).toMatchObject({ type: 'not-sent', why: 'the self-test failed' });
    expect(arrived).toBe(0);
    expect(await inBoxes()).toEqual(before);
  });

  test('once it is on the wire it goes on, whatever else the client calls meanwhile', async () => {
    const bytes = Buffer.alloc(180_000, 'i');
    let isRefused = false;
    const whole = parcel('i.edi', bytes.length);
    const slow = {
      ...whole,
      open: () =>
        Readable.from(
          (async function* () {
            yield bytes.subarray(0, 60_000);
            yield bytes.subarray(60_000, 120_000);
            while (sent === 0) await new Promise((resolve) => setTimeout(resolve, 1));
            isRefused = true;
            await client.inbox.list({ station: 'HUB' });
            yield bytes.subarray(120_000);
          })(),
        ),
    };
    await submit([parcel('i.edi', 1_000)]);
    const { outcome } = await submit([{ ...slow, sha256: sha256(bytes) }], undefined, undefined, () =>
      isRefused ? 'the self-test failed' : null,
    );
    expect(outcome.type).toBe('submitted');
  });
});
