import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { isTimeoutError } from '../src/index';
import { startScriptedGateway } from './scripted-gateway';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

const FILES = 'GET /{bucket}/{*key}';

describe('a download', () => {
  let pair: Pair;
  let id: string;
  let sha256: string;
  beforeEach(async () => {
    pair = await startPair();
    const sent = await pair.sandbox
      .partner('ACME')
      .send({ attachments: [{ name: 'a.bin', generate: { bytes: 600_000, seed: 1 } }] });
    id = sent.messageId;
    sha256 = sent.attachments[0]!.sha256;
  });
  afterEach(() => pair.close());

  const read = async (more = {}) => {
    const [link] = (await pair.gateway.inbox.attachments(id)).attachments;
    return buffer((await pair.gateway.inbox.openAttachment(link!, more)).body);
  };

  it('that is cut again and again is an error, never a short file', async () => {
    const cut = pair.sandbox.faults.add({ on: FILES, fault: { kind: 'truncate', afterBytes: 0 } });
    await expect(read()).rejects.toMatchObject({ outcome: 'unknown' });
    expect(cut.hits).toBeGreaterThan(0);
  });

  it('that is cut once comes through whole', async () => {
    pair.sandbox.faults.add({ on: FILES, fault: { kind: 'truncate' }, times: 1 });
    expect(
      createHash('sha256')
        .update(await read())
        .digest('hex'),
    ).toBe(sha256);
  });

  it('that brings less than its length is an error', async () => {
    pair.sandbox.faults.add({ on: FILES, fault: { kind: 'wrong-length', by: 1 } });
    await expect(read({ clocks: { idleMs: 300 } })).rejects.toMatchObject({
      operation: 'inbox.openAttachment',
    });
  });

  it('that falls silent ends by the idle clock, however long the whole may take', async () => {
    pair.sandbox.faults.add({ on: FILES, fault: { kind: 'stall', where: 'body', afterBytes: 1000 } });
    const error: unknown = await read({ clocks: { idleMs: 100, totalMs: 0 }, maxAttempts: 1 }).catch(
      (reason: unknown) => reason,
    );
    expect(isTimeoutError(error)).toBe(true);
    expect(error).toMatchObject({ clock: 'idle' });
  });

  it('that trickles is none of the idle clock’s business', async () => {
    const small = await pair.sandbox
      .partner('ACME')
      .send({ attachments: [{ name: 'b', content: Buffer.alloc(60, 'b') }] });
    pair.sandbox.faults.add({ on: FILES, fault: { kind: 'trickle', bytes: 10, everyMs: 60 } });
    const [link] = (await pair.gateway.inbox.attachments(small.messageId)).attachments;
    const { body } = await pair.gateway.inbox.openAttachment(link!, { clocks: { idleMs: 250 } });
    expect(await buffer(body)).toEqual(Buffer.alloc(60, 'b'));
  });
});

describe('the request of a file', () => {
  it('carries no token, neither the first time nor after an address has ended', async () => {
    const server = await startScriptedGateway(({ call }, count) => {
      const url = `${server.url}/file-${String(count)}?X-Amz-Signature=s`;
      if (call.endsWith('/attachments')) return { json: { total: 1, attachments: [{ name: 'a', url }] } };
      if (call === 'GET /file-1') return { status: 403, text: '<Error><Code>AccessDenied</Code></Error>' };
      return call === 'GET /file-2' ? { text: 'content' } : undefined;
    });
    try {
      const gateway = server.connect();
      const [link] = (await gateway.inbox.attachments('<1@x>')).attachments;
      const { body } = await gateway.inbox.openAttachment(link!);
      expect(String(await buffer(body))).toBe('content');
      const byCall = Object.fromEntries(
        server.seen.map(({ call, headers }) => [call, headers.authorization]),
      );
      expect(byCall).toEqual({
        'POST /authorize': undefined,
        'GET /message/inbox/<1@x>/attachments': 'token-1',
        'GET /file-1': undefined,
        'GET /file-2': undefined,
      });
    } finally {
      await server.close();
    }
  });
});
