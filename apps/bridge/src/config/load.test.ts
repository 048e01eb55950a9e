import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { inspect } from 'node:util';
import { loadConfig } from './load';
import { configFixture, env, having, valid } from './test/config-fixture';

const fixture = configFixture();
const { load, problems } = fixture;

test('a minimal configuration, with every default filled in', async () => {
  const config = await load(valid);
  expect(config).toMatchObject({
    mode: 'enforce',
    dataDirectory: join(fixture.directory, '.mft-bridge'),
    custody: {
      directory: join(fixture.directory, '.mft-bridge/custody'),
      keyFile: join(fixture.directory, '.mft-bridge/custody-key.json'),
      minFreeBytes: 1_000_000_000,
    },
    ledger: { file: join(fixture.directory, '.mft-bridge/ledger.sqlite') },
    gateway: { baseUrl: 'http://127.0.0.1:9000', requestsPerSecond: 5, burst: 10, allowInsecureHttp: false },
    scanner: {
      concurrency: 4,
      expiresAfter: 604_800_000,
      deadline: 3_600_000,
      poll: { first: 1_000, max: 30_000, perSecond: 5 },
    },
    egress: { proxy: null, noProxy: [], caFile: null, ca: null },
    intake: { startFrom: Date.UTC(2026, 0, 31), pollInterval: 15_000, tries: 20 },
    destinations: {
      warehouse: { kind: 'as2', subject: null, maxBytes: 4_000_000 },
      archive: {
        kind: 'folder',
        directory: join(fixture.directory, 'out'),
        maxBytes: 1_073_741_824,
        perPartner: false,
      },
    },
    routes: [
      {
        name: 'orders',
        match: { station: null, partner: 'ACME' },
        destinations: ['warehouse'],
        onUnknown: 'hold',
      },
      { name: 'rest', match: { station: null, partner: null } },
    ],
    policy: { version: 'default-1', forwardSanitized: ['image', 'document'] },
    delivery: {
      tries: 10,
      deadline: 86_400_000,
      confirmDeadline: 3_600_000,
      settle: 30_000,
      retry: { base: 1_000, max: 300_000 },
    },
    web: { private: { host: '127.0.0.1', port: 0 } },
    log: { level: 'info' },
  });
  expect(config.web.private.token.reveal()).toBe(env.TOKEN);
});

test('a loaded configuration shows no secret', async () => {
  const config = await load(valid);
  const shown = [inspect(config, { depth: 20, showHidden: true }), JSON.stringify(config)].join('\n');
  expect(shown).toContain('[secret]');
  expect(shown).not.toContain('canary');
});

test('a password of a proxy may only come by reference', async () => {
  const proxied = `${valid}egress: { proxy: "http://u:CANARY@proxy.example:3128" }\n`;
  expect(await problems(proxied)).toEqual([
    expect.stringMatching(/^20:18 egress\.proxy: the password of a proxy must not stand/),
  ]);
  const config = await load(`${valid}egress: { proxy: { env: PROXY } }\n`, {
    ...env,
    PROXY: 'http://u:p@proxy.example:3128',
  });
  expect(config.egress.proxy?.reveal()).toBe('http://u:p@proxy.example:3128');
  expect(
    (await load(`${valid}egress: { proxy: "http://proxy.example:3128" }\n`)).egress.proxy?.reveal(),
  ).toBe('http://proxy.example:3128');
});

test('without a file it says what is missing and where to begin', async () => {
  await expect(loadConfig(join(fixture.directory, 'none.yaml'), env)).rejects.toThrow(
    /none\.yaml: there is no such file.*bridge\.example\.yaml.*intake\.startFrom/s,
  );
  await expect(loadConfig(fixture.directory, env)).rejects.toThrow(/this is no file/);
});

test('secrets that are not needed are not read', async () => {
  writeFileSync(fixture.file, valid);
  const config = await loadConfig(fixture.file, {}, { secrets: 'leave' });
  expect(config.ledger.file).toBe(join(fixture.directory, '.mft-bridge/ledger.sqlite'));
  expect(() => config.web.private.token.reveal()).toThrow(/was not read/);
});

test('secret files are found beside the configuration', async () => {
  writeFileSync(join(fixture.directory, 'token'), 'canary-web-token-from-file\n');
  chmodSync(join(fixture.directory, 'token'), 0o600);
  const config = await load(having('{ env: TOKEN }', '{ file: token }'));
  expect(config.web.private.token.reveal()).toBe('canary-web-token-from-file');
});

test('a private authority is trusted beside the public ones, not in their place', async () => {
  const pem = rootCertificates[0]!.replace(/\n/g, '\r\n');
  writeFileSync(join(fixture.directory, 'ca.pem'), pem);
  const { egress } = await load(`${valid}egress: { caFile: ca.pem }\n`);
  expect(egress.ca?.startsWith(pem)).toBe(true);
  expect(egress.ca).toContain(rootCertificates.at(-1));
});
