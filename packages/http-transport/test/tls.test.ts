import { createPrivateKey } from 'node:crypto';
import https from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ConnectionError } from '../src/index';
import { makeAuthority } from './certificates';
import type { Authority, Pair } from './certificates';
import { failure, json, loopback } from './loopback-server';

import { closeTransports, get, post, testTransport } from './transports';

let authority: Authority;
let pair: Pair;
beforeAll(() => {
  authority = makeAuthority();
  pair = authority.issue('localhost', 'subjectAltName=DNS:localhost,DNS:service.internal');
});
afterAll(() => authority.remove());

const servers: Server[] = [];
const sockets = new Set<Socket>();
const listen = async (server: Server): Promise<number> => {
  servers.push(server);
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};
afterEach(async () => {
  await closeTransports();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

const once = { retry: { maxAttempts: 1 } };
const secureServer = async (options: https.ServerOptions = {}): Promise<number> =>
  listen(
    https.createServer({ ...pair, ...options }, (request, response) => {
      const peer = (request.socket as TLSSocket).getPeerCertificate() as { subject?: { CN: string } };
      json(response, 200, { peer: peer.subject?.CN ?? null });
    }),
  );

describe('TLS', () => {
  it('trusts a private authority that it was given', async () => {
    const port = await secureServer();
    const transport = testTransport({ baseUrl: `https://localhost:${port}`, egress: { ca: authority.ca } });
    await expect(transport.call(get(), undefined)).resolves.toEqual({ peer: null });
  });

  it('refuses one that it was not given, sends nothing, tries once, and says what to do', async () => {
    const port = await secureServer();
    const error = await failure<ConnectionError>(
      testTransport({ baseUrl: `https://localhost:${port}` }).call(
        post('unsafe', () => ({ json: 1 })),
        undefined,
      ),
    );
    expect(error).toMatchObject({
      name: 'ConnectionError',
      outcome: 'not-sent',
      attempts: 1,
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    expect(error.message).toMatch(/give its certificate as egress\.ca/);
  });

  it('refuses a certificate for another host', async () => {
    const port = await secureServer();
    const error = await failure(
      testTransport({ baseUrl: `https://127.0.0.1:${port}`, egress: { ca: authority.ca } }).call(
        get(),
        undefined,
      ),
    );
    expect(error).toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
      outcome: 'not-sent',
      attempts: 1,
      hint: expect.stringContaining('host name'),
    });
  });

  it('shows its client certificate to a server that asks', async () => {
    const client = authority.issue('bridge', 'extendedKeyUsage=clientAuth');
    const port = await secureServer({ requestCert: true, ca: authority.ca });
    const transport = testTransport({
      baseUrl: `https://localhost:${port}`,
      egress: { ca: authority.ca, ...client },
    });
    await expect(transport.call(get(), undefined)).resolves.toEqual({ peer: 'bridge' });
  });

  it('shows it to no foreign link', async () => {
    const client = authority.issue('bridge', 'extendedKeyUsage=clientAuth');
    const port = await secureServer({ requestCert: true, rejectUnauthorized: false, ca: authority.ca });
    const transport = testTransport({
      baseUrl: `https://localhost:${port}`,
      egress: { ca: authority.ca, ...client },
    });
    const rules = { hosts: [], allowLoopbackHttp: true, operation: 'attachments.open' };
    const { body } = await transport.downloadUrl(`https://localhost:${port}/x`, rules);
    expect(JSON.parse(Buffer.concat((await body.toArray()) as Buffer[]).toString())).toEqual({ peer: null });
  });

  it('says that a client certificate is asked for', async () => {
    const port = await secureServer({ requestCert: true, ca: authority.ca });
    const error = await failure(
      testTransport({ baseUrl: `https://localhost:${port}`, egress: { ca: authority.ca }, ...once }).call(
        get(),
        undefined,
      ),
    );
    expect(error).toMatchObject({ name: 'ConnectionError', hint: expect.stringMatching(/egress\.cert/) });
  });

  it('says which option cannot be read, once', async () => {
    const port = await secureServer();
    const error = await failure(
      testTransport({ baseUrl: `https://localhost:${port}`, egress: { cert: 'no PEM', key: 'no PEM' } }).call(
        get(),
        undefined,
      ),
    );
    expect(error).toMatchObject({
      outcome: 'not-sent',
      attempts: 1,
      message: expect.stringContaining('egress.cert or egress.key cannot be read'),
    });
  });

  it('reads an encrypted key by its passphrase, and says so where that is wrong or missing', async () => {
    const client = authority.issue('bridge', 'extendedKeyUsage=clientAuth');
    const passphrase = 'CANARY passphrase';
    const key = createPrivateKey(client.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
      .toString();
    const port = await secureServer({ requestCert: true, ca: authority.ca });
    const egress = { ca: authority.ca, cert: client.cert, key };
    const baseUrl = `https://localhost:${port}`;
    await expect(
      testTransport({ baseUrl, egress: { ...egress, passphrase } }).call(get(), undefined),
    ).resolves.toEqual({ peer: 'bridge' });
    for (const wrong of [{}, { passphrase: 'CANARY other' }]) {
      const error = await failure<ConnectionError>(
        testTransport({ baseUrl, egress: { ...egress, ...wrong } }).call(get(), undefined),
      );
      expect(error).toMatchObject({ outcome: 'not-sent', attempts: 1 });
      expect(error.hint).toContain('egress.passphrase');
      expect(JSON.stringify(error) + String(error.stack)).not.toContain('CANARY');
    }
  });

  it.each([
    ['has expired', '20200101000000Z', '20210101000000Z', 'CERT_HAS_EXPIRED', 'renewed there'],
    ['is not valid yet', '21000101000000Z', '21010101000000Z', 'CERT_NOT_YET_VALID', 'clock of this machine'],
  ])('refuses a certificate that %s, once, and says what to look at', async (_, from, to, code, hint) => {
    const stale = authority.issue('localhost', 'subjectAltName=DNS:localhost', { from, to });
    const port = await secureServer(stale);
    const error = await failure(
      testTransport({ baseUrl: `https://localhost:${port}`, egress: { ca: authority.ca } }).call(
        get(),
        undefined,
      ),
    );
    expect(error).toMatchObject({
      code,
      outcome: 'not-sent',
      attempts: 1,
      hint: expect.stringContaining(hint),
    });
  });

  it('says that the other side does not speak TLS', async () => {
    const plain = await loopback((_, response) => response.end());
    const error = await failure(
      testTransport({ baseUrl: `https://127.0.0.1:${plain.port}`, ...once }).call(get(), undefined),
    );
    expect(error).toMatchObject({
      outcome: 'not-sent',
      message: expect.stringContaining('does not speak TLS there'),
    });
    await plain.close();
  });
});
