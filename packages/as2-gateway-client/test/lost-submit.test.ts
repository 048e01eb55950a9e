import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { As2GatewayClient } from '../src/index';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const message = { from: 'HUB', to: 'ACME', attachments: [{ name: 'a.xml', content: Buffer.from('<a/>') }] };
const sha256 = createHash('sha256').update('<a/>').digest('hex');

function listen(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

describe('a submit whose answer is lost', () => {
  let pair: Pair | undefined;
  afterEach(async () => {
    await pair?.close();
    pair = undefined;
  });

  it.each(['reset', 'a 502', 'an empty 202'])('is sent once and is of unknown outcome: %s', async (how) => {
    let submits = 0;
    const server = createServer((request, response) => {
      if (request.url === '/authorize') {
        response.setHeader('content-type', 'application/json');
        response.end('{"apiToken":"t"}');
        return;
      }
      request.resume().once('end', () => {
        submits += 1;
        if (how === 'reset') request.socket.destroy();
        else response.writeHead(how === 'a 502' ? 502 : 202).end();
      });
    });
    const gateway = new As2GatewayClient({
      baseUrl: await listen(server),
      auth: { tokenId: 'i', tokenSecret: 's' },
      retry: { baseMs: 1 },
    });
    try {
      await expect(gateway.messages.send(message)).rejects.toMatchObject({ outcome: 'unknown' });
      expect(submits).toBe(1);
    } finally {
      await gateway.close();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each([
    ['a hash too few', { sha256: [] }],
    ['a hash of another form', { sha256: [Buffer.from(sha256, 'hex').toString('base64')] }],
    ['no time at all', { since: Number.NaN }],
    ['no names', { attachmentNames: [] }],
    ['no station', { from: '' }],
    ['a field that nobody knows', { sha: [sha256] }],
  ])('is not looked for by what would never find it: %s', async (_what, wrong) => {
    const { gateway, sandbox } = (pair = await startPair());
    const query = {
      from: 'HUB',
      to: 'ACME',
      attachmentNames: ['a.xml'],
      sha256: [sha256],
      since: 0,
      ...wrong,
    };
    await expect(gateway.outbox.findSubmission(query)).rejects.toMatchObject({
      name: 'InvalidRequestError',
      outcome: 'not-sent',
    });
    expect(sandbox.calls).toEqual({});
  });

  it('is found by names and content, and only there', async () => {
    // Spans that no busy machine makes pass by itself.
    const { gateway, sandbox, advance } = (pair = await startPair({
      outboxHiddenMs: 60_000,
      sendDelayMs: 120_000,
    }));
    const since = Date.now() - 1000;
    const query = { from: 'HUB', to: 'ACME', attachmentNames: ['a.xml'], sha256: [sha256], since };
    expect(await gateway.outbox.findSubmission(query)).toEqual({ found: [], complete: true });

    const sent = await gateway.messages.send(message);
    await gateway.messages.send({
      ...message,
      attachments: [{ name: 'a.xml', content: Buffer.from('<b/>') }],
    });
    await gateway.messages.send({
      ...message,
      attachments: [{ name: 'b.xml', content: Buffer.from('<a/>') }],
    });
    await gateway.messages.send({ ...message, to: 'WAREHOUSE' });
    // Not shown yet: an empty result must not look like proof.
    expect(await gateway.outbox.findSubmission(query)).toEqual({ found: [], complete: false });
    advance(61_000);
    const queued = await gateway.outbox.findSubmission(query);
    expect(queued.found).toMatchObject([{ id: sent.id, box: 'queued', contentCompared: true }]);
    advance(120_000);
    const found = await gateway.outbox.findSubmission(query);
    expect(found).toMatchObject({
      found: [{ id: sent.id, box: 'sent', contentCompared: true }],
      complete: true,
    });
    expect((await gateway.outbox.findSubmission({ ...query, sha256: undefined })).found).toHaveLength(2);
    expect((await gateway.outbox.findSubmission({ ...query, since: Date.now() + 60_000 })).found).toEqual([]);
    expect(sandbox.partner('ACME').received).toHaveLength(3);
  });
});

describe('following a message to its end', () => {
  let pair: Pair | undefined;
  afterEach(async () => {
    await pair?.close();
    pair = undefined;
  });

  it('goes from unknown over queued to sent with a good receipt', async () => {
    const { gateway, advance } = (pair = await startPair({ outboxHiddenMs: 60_000, sendDelayMs: 120_000 }));
    const { id } = await gateway.messages.send(message);
    expect(await gateway.outbox.delivery(id)).toMatchObject({ state: 'queued', good: false });
    expect(await gateway.outbox.delivery('<nobody@x>')).toEqual({ state: 'unknown', good: false });
    advance(61_000);
    expect(await gateway.outbox.delivery(id)).toMatchObject({ state: 'queued', good: false });
    advance(60_000);
    expect(await gateway.outbox.delivery(id)).toMatchObject({
      state: 'sent',
      good: true,
      disposition: { outcome: 'processed' },
      message: { station: 'HUB', partner: 'ACME' },
    });
  });

  it.each([
    [{ box: 'failed' }, { state: 'failed', good: false }],
    [{ box: 'incomplete' }, { state: 'incomplete', good: false }],
    [
      {
        box: 'sent',
        disposition: 'automatic-action/MDN-sent-automatically; processed/error: decryption-failed',
      },
      { state: 'sent', good: false, disposition: { outcome: 'processed-with-error' } },
    ],
  ] as const)('an end as %j reads as %j', async (outcome, delivery) => {
    const { gateway, advance } = (pair = await startPair({ outcomeOf: () => outcome }));
    const { id } = await gateway.messages.send(message);
    advance(2000);
    expect(await gateway.outbox.delivery(id)).toMatchObject(delivery);
  });

  it('waits for the receipt', async () => {
    const { advance, connect } = (pair = await startPair({ sendDelayMs: 20_000 }));
    const patient = connect({ sleep: async (ms) => advance(ms) });
    const { id } = await patient.messages.send(message);
    expect(await patient.outbox.waitForDelivery(id)).toMatchObject({ state: 'sent', good: true });
    const late = await patient.messages.send(message);
    expect(await patient.outbox.waitForDelivery(late.id, { timeoutMs: 10_000 })).toMatchObject({
      state: 'queued',
    });
  });
});
