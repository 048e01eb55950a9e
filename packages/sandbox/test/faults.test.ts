import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { Fault } from '../src/index';
import { attachment, gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

const LIST = 'GET /message/inbox';
const SUBMIT = 'POST /message/submit';
const DOWNLOAD = 'GET /{bucket}/{*key}';
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What really came over the wire, however the answer ended. */
interface Raw {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly error: string | undefined;
  readonly complete: boolean;
}

function raw(url: string, options: { method?: string; headers?: object; body?: Buffer } = {}): Promise<Raw> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let answer: IncomingMessage | undefined;
    const done = (error?: Error & { code?: string }): void =>
      resolve({
        status: answer?.statusCode,
        headers: answer?.headers ?? {},
        body: Buffer.concat(parts),
        error: error?.code ?? error?.message,
        complete: answer?.complete ?? false,
      });
    const { method = 'GET', headers = {}, body } = options;
    const sent = request(url, { method, headers: { ...headers }, agent: false }, (incoming) => {
      answer = incoming;
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => done());
      incoming.on('error', done);
    });
    sent.on('error', done);
    sent.end(body);
  });
}

describe('faults on demand', () => {
  let fixture: GatewayFixture;
  beforeEach(async () => {
    fixture = await gatewayFixture({ seed: 42 });
  });
  afterEach(() => fixture.gateway.close());

  const faults = () => fixture.gateway.faults;
  const headers = () => ({ Authorization: fixture.token });
  const list = (): Promise<Raw> => raw(`${fixture.gateway.url}/message/inbox`, { headers: headers() });
  const submit = (body: Buffer = Buffer.from('abc')): Promise<Raw> =>
    raw(`${fixture.gateway.url}/message/submit`, {
      method: 'POST',
      headers: { ...headers(), 'AS2-From': 'HUB', 'AS2-To': 'ACME', 'Attachment-Name': 'a.txt' },
      body,
    });
  const queued = async (): Promise<string[]> => fixture.list('/message/outbox/queued');
  async function download(content: Buffer, fault?: Fault): Promise<Raw> {
    await fixture.gateway
      .partner('ACME')
      .send({ messageId: '<f@acme>', attachments: [attachment('f.bin', content)] });
    const { attachments } = await fixture.json('GET', `/message/inbox/${segment('<f@acme>')}/attachments`);
    if (fault !== undefined) faults().add({ on: DOWNLOAD, fault });
    return raw(attachments[0].url);
  }

  describe('when they strike', () => {
    const broken: Fault = { kind: 'status', status: 503 };
    const statuses = async (calls: number): Promise<(number | undefined)[]> => {
      const seen = [];
      for (let call = 0; call < calls; call += 1) seen.push((await list()).status);
      return seen;
    };

    it('strikes a number of times, after a number of calls, and counts', async () => {
      const fault = faults().add({ on: LIST, fault: broken, after: 1, times: 2 });
      expect(await statuses(5)).toEqual([200, 503, 503, 200, 200]);
      expect(fault.hits).toBe(2);
      expect(faults().hits.map(({ id, operation, kind }) => [id, operation, kind])).toEqual([
        [fault.id, LIST, 'status'],
        [fault.id, LIST, 'status'],
      ]);
    });

    it('strikes for a while by the clock of the sandbox', async () => {
      faults().add({ on: LIST, fault: broken, forMs: 60_000 });
      expect(await statuses(1)).toEqual([503]);
      fixture.pass(59_999);
      expect(await statuses(1)).toEqual([503]);
      fixture.pass(1);
      expect(await statuses(1)).toEqual([200]);
    });

    it.each([
      ['*', 503],
      ['GET *', 503],
      ['GET /message/*', 503],
      ['GET /message/inbox', 503],
      ['POST *', 200],
      ['GET /message/inbox/{id}', 200],
    ])('%s: a list is answered %d', async (on, status) => {
      faults().add({ on, fault: broken });
      expect(await statuses(1)).toEqual([status]);
    });

    it('looks at path parameters where it is told to', async () => {
      for (const messageId of ['<a@acme>', '<b@acme>'])
        await fixture.gateway.partner('ACME').send({ messageId, attachments: [attachment()] });
      faults().add({ on: 'GET /message/inbox/{id}', params: { id: '<b@acme>' }, fault: broken });
      const status = async (id: string): Promise<number> =>
        (await fixture.call('GET', `/message/inbox/${segment(id)}`)).status;
      expect([await status('<a@acme>'), await status('<b@acme>')]).toEqual([200, 503]);
    });

    it('draws the same chances from the same seed, and others from another', async () => {
      const drawn = async (seed: number): Promise<string> => {
        const other = await gatewayFixture({ seed });
        other.gateway.faults.add({ on: LIST, fault: broken, probability: 0.5 });
        let seen = '';
        for (let call = 0; call < 40; call += 1)
          seen += (await other.call('GET', '/message/inbox')).ok ? '.' : 'x';
        await other.gateway.close();
        return seen;
      };
      const [once, again, other] = [await drawn(7), await drawn(7), await drawn(8)];
      expect(again).toBe(once);
      expect(other).not.toBe(once);
      expect(once).toMatch(/(?=.*x)(?=.*\.)/);
    });

    it('is over when it is removed, alone or with all others', async () => {
      const fault = faults().add({ on: LIST, fault: broken });
      expect(faults().active).toEqual([fault]);
      fault.remove();
      expect(await statuses(1)).toEqual([200]);
      faults().add({ on: LIST, fault: broken });
      faults().clear();
      expect(await statuses(1)).toEqual([200]);
      expect(faults().active).toEqual([]);
    });

    it('has a seed of its own where none was given', async () => {
      const other = await gatewayFixture();
      expect(String(other.gateway.faults.seed)).toMatch(/^[0-9a-f]{12}$/);
      await other.gateway.close();
    });

    it.each([
      [{ on: 'GET /nowhere', fault: broken }, 'No operation of this service is named by GET /nowhere'],
      [{ on: LIST }, '`fault` is missing'],
      [{ on: LIST, fault: { kind: 'explode' } }, '`fault.kind` must be one of status, html'],
      [{ on: LIST, fault: { kind: 'status' } }, '`fault.status` is missing'],
      [{ on: LIST, fault: { kind: 'status', status: 200 } }, 'a whole number from 400 to 599'],
      [{ on: LIST, fault: { kind: 'html', stauts: 502 } }, '`fault.stauts` is unknown here'],
      [{ on: LIST, fault: broken, times: 0 }, '`times` must be a whole number from 1'],
      [{ on: LIST, fault: broken, probability: 2 }, '`probability` must be a number from 0 to 1'],
    ])('refuses %j in words', (rule, words) => {
      expect(() => faults().add(rule as never)).toThrow(words);
    });
  });

  describe('answers other than the own', () => {
    it('429 with Retry-After in seconds, or as a date by the clock of the sandbox', async () => {
      faults().add({
        on: LIST,
        fault: { kind: 'status', status: 429, retryAfter: { seconds: 7 } },
        times: 1,
      });
      faults().add({ on: LIST, fault: { kind: 'status', status: 429, retryAfter: { dateInMs: 90_000 } } });
      const seconds = await list();
      expect([seconds.status, seconds.headers['retry-after']]).toEqual([429, '7']);
      expect(JSON.parse(seconds.body.toString())).toEqual({ message: 'Too Many Requests' });
      expect((await list()).headers['retry-after']).toBe('Mon, 05 Jan 2026 08:01:30 GMT');
    });

    it('a status with a body and headers of choice', async () => {
      const fault: Fault = {
        kind: 'status',
        status: 500,
        body: { why: 'x' },
        headers: { 'X-Request-Id': 'r1' },
      };
      faults().add({ on: LIST, fault });
      const answer = await list();
      expect([answer.status, answer.headers['x-request-id'], answer.body.toString()]).toEqual([
        500,
        'r1',
        '{"why":"x"}',
      ]);
    });

    it('the words of S3 where a download fails', async () => {
      const answer = await download(Buffer.from('abc'), { kind: 'status', status: 503 });
      expect(answer.status).toBe(503);
      expect(answer.body.toString()).toContain('<Code>SlowDown</Code>');
    });

    it.each([
      [{ kind: 'status', status: 500 }, 0],
      [{ kind: 'status', status: 500, afterWork: true }, 1],
      [{ kind: 'html' }, 0],
      [{ kind: 'html', afterWork: true }, 1],
    ] as const)('%j: the work was done %d times', async (fault, done) => {
      faults().add({ on: SUBMIT, fault });
      const answer = await submit();
      expect(answer.status).toBe(fault.kind === 'html' ? 502 : 500);
      expect(answer.headers['content-type']).toMatch(fault.kind === 'html' ? /^text\/html/ : /json/);
      expect(answer.headers['link']).toBeUndefined();
      expect(await queued()).toHaveLength(done);
    });

    it('a token refused once, while it is good', async () => {
      faults().add({ on: LIST, fault: { kind: 'reject-token' }, times: 1 });
      expect([(await list()).status, (await list()).status]).toEqual([401, 200]);
    });

    it('a token refused for good, everywhere, until there is a new one', async () => {
      const fault = faults().add({
        on: LIST,
        fault: { kind: 'reject-token', status: 403, forGood: true },
        times: 1,
      });
      expect((await list()).status).toBe(403);
      expect((await submit()).status).toBe(403);
      const { tokenId, tokenSecret } = fixture.gateway.credentials;
      const login = await fetch(`${fixture.gateway.url}/authorize`, {
        method: 'POST',
        body: JSON.stringify({ tokenID: tokenId, tokenSecret }),
      });
      const { apiToken }: Json = await login.json();
      const again = await raw(`${fixture.gateway.url}/message/inbox`, {
        headers: { Authorization: apiToken },
      });
      expect(again.status).toBe(200);
      fault.remove();
      expect((await list()).status).toBe(200);
    });
  });

  describe('connections that end', () => {
    it.each(['before-body', 'mid-body', 'after-body'] as const)('reset %s: nothing is done', async (when) => {
      faults().add({ on: SUBMIT, fault: { kind: 'reset', when } });
      expect((await submit(randomBytes(300_000))).error).toMatch(/ECONNRESET|EPIPE/);
      expect(await queued()).toEqual([]);
    });

    it.each(['reset', 'close'] as const)('answer lost by %s, although the work is done', async (how) => {
      const phases: string[] = [];
      fixture.gateway.onCall(({ operation, phase }) => {
        if (operation === SUBMIT) phases.push(phase);
      });
      faults().add({ on: SUBMIT, fault: { kind: 'lost-answer', how } });
      expect(await submit()).toMatchObject({ status: undefined, error: 'ECONNRESET' });
      expect(await queued()).toHaveLength(1);
      expect(phases).toEqual(['received', 'cut']);
    });

    it('a download shorter than its Content-Length, by half or from a byte on', async () => {
      const content = randomBytes(1000);
      const half = await download(content, { kind: 'truncate' });
      expect(half).toMatchObject({ status: 200, complete: false, error: 'ECONNRESET' });
      expect(half.headers['content-length']).toBe('1000');
      expect(half.body).toEqual(content.subarray(0, 500));
      faults().clear();
      expect((await download(content, { kind: 'truncate', afterBytes: 0 })).body).toHaveLength(0);
    });

    it('not even HTTP', async () => {
      faults().add({ on: LIST, fault: { kind: 'garbage', where: 'wire' } });
      expect((await list()).error).toMatch(/^HPE_/);
    });
  });

  describe('bodies that are wrong', () => {
    const content = randomBytes(2_500_000);

    it('a Content-Length that is too large: the answer is cut', async () => {
      const answer = await download(content, { kind: 'wrong-length', by: 10 });
      expect(answer).toMatchObject({ complete: false, error: 'ECONNRESET' });
      expect(answer.headers['content-length']).toBe('2500010');
      expect(answer.body.equals(content)).toBe(true);
    });

    it('a Content-Length that is too small: more comes than was announced', async () => {
      const answer = await download(content, { kind: 'wrong-length', by: -10 });
      expect(answer.headers['content-length']).toBe('2499990');
      expect(answer.body.equals(content.subarray(0, -10))).toBe(true);
    });

    it.each([-1000, 1000])('a sound answer with %d bytes', async (by) => {
      const answer = await download(content, { kind: 'resize', by });
      expect(answer).toMatchObject({ status: 200, complete: true, error: undefined });
      expect(answer.headers['content-length']).toBe(String(content.length + by));
      expect(answer.body).toHaveLength(content.length + by);
      const common = Math.min(content.length, answer.body.length);
      expect(answer.body.subarray(0, common).equals(content.subarray(0, common))).toBe(true);
    });

    it('garbage of the right size', async () => {
      const answer = await download(content, { kind: 'garbage' });
      expect(answer).toMatchObject({ status: 200, complete: true });
      expect(answer.body).toHaveLength(content.length);
      expect(answer.body.equals(content)).toBe(false);
      faults().clear();
      faults().add({ on: LIST, fault: { kind: 'garbage' } });
      const json = await list();
      expect(json.headers['content-type']).toContain('application/json');
      expect(() => void JSON.parse(json.body.toString())).toThrow();
    });

    it('one byte that is wrong, where it was told to be', async () => {
      const answer = await download(content, { kind: 'flip-byte', at: 2_000_000 });
      expect(answer.body).toHaveLength(content.length);
      const wrong = [...answer.body.keys()].filter((place) => answer.body[place] !== content[place]);
      expect(wrong).toEqual([2_000_000]);
    });

    it('one byte that is wrong, anywhere', async () => {
      const answer = await download(content, { kind: 'flip-byte' });
      expect(answer).toMatchObject({ status: 200, complete: true });
      expect(sha256(answer.body)).not.toBe(sha256(content));
    });
  });

  describe('time', () => {
    /** The caller gives up as soon as it knows how far the answer came. */
    function stalled(url: string, method = 'GET'): Promise<{ bytes: number; began: boolean }> {
      return new Promise((resolve) => {
        let [bytes, began] = [0, false];
        const sent = request(url, { method, headers: headers(), agent: false }, (answer) => {
          began = true;
          answer.on('data', (part: Buffer) => (bytes += part.length));
          answer.on('error', () => undefined);
        });
        sent.setTimeout(150, () => sent.destroy());
        sent.on('error', () => undefined);
        sent.on('close', () => resolve({ bytes, began }));
        sent.end();
      });
    }

    it.each(['request', 'headers', 'body'] as const)('stalls at the %s', async (where) => {
      const { gateway } = fixture;
      await gateway.partner('ACME').send({ messageId: '<s@acme>', attachments: [attachment()] });
      faults().add({ on: 'GET /message/inbox/{id}', fault: { kind: 'stall', where, afterBytes: 5 } });
      const seen = await stalled(`${gateway.url}/message/inbox/${segment('<s@acme>')}`);
      expect(seen).toEqual(where === 'body' ? { bytes: 5, began: true } : { bytes: 0, began: false });
      // Only `request` stops before the work: the message is read in the two others.
      expect(await fixture.list('/message/inbox')).toHaveLength(where === 'request' ? 1 : 0);
    });

    it('ends a stall when the sandbox is closed', async () => {
      faults().add({ on: LIST, fault: { kind: 'stall', where: 'headers' } });
      const waiting = list();
      while (faults().hits.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await fixture.gateway.close();
      expect((await waiting).error).toBe('ECONNRESET');
    });

    it('trickles', async () => {
      const content = randomBytes(1000);
      const began = performance.now();
      const answer = await download(content, { kind: 'trickle', bytes: 100, everyMs: 20 });
      expect(answer).toMatchObject({ complete: true, error: undefined });
      expect(answer.body).toEqual(content);
      expect(performance.now() - began).toBeGreaterThan(9 * 20 - 30);
    });

    it('waits before it works, also before another fault', async () => {
      faults().add({ on: LIST, fault: { kind: 'latency', ms: 60, jitterMs: 10 } });
      faults().add({ on: LIST, fault: { kind: 'status', status: 500 }, times: 1 });
      const began = performance.now();
      expect((await list()).status).toBe(500);
      expect(performance.now() - began).toBeGreaterThan(58);
      expect((await list()).status).toBe(200);
      expect(faults().hits.map(({ kind }) => kind)).toEqual(['latency', 'status', 'latency']);
    });
  });

  it('passes large content through a shape in pieces, not in memory', async () => {
    await fixture.gateway.partner('ACME').send({
      messageId: '<l@acme>',
      attachments: [{ name: 'l.bin', generate: { bytes: 300_000_000, seed: 1 } }],
    });
    const { attachments } = await fixture.json('GET', `/message/inbox/${segment('<l@acme>')}/attachments`);
    faults().add({ on: DOWNLOAD, fault: { kind: 'wrong-length', by: -1 } });
    const before = process.memoryUsage().rss;
    const answer = await fetch(attachments[0].url);
    const reader = answer.body!.getReader();
    let bytes = 0;
    let most = 0;
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      bytes += (step.value as Uint8Array).length;
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(bytes).toBe(300_000_000 - 1);
    expect(most).toBeLessThan(200 * 1024 * 1024);
  });
});
