import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fieldErrors, isInvalidRequestError, isUnprocessableError } from '../src/index';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

/** A real certificate, since the gateway looks into it. */
function makeCertificate(commonName: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'as2-certificate-'));
  try {
    const file = join(directory, 'certificate.pem');
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-keyout',
      join(directory, 'key'),
    ];
    execFileSync(
      'openssl',
      ['req', '-x509', ...key, '-days', '400', '-subj', `/CN=${commonName}`, '-out', file],
      { stdio: 'ignore' },
    );
    return readFileSync(file, 'utf8');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const pem = makeCertificate('new partner');
const partner = {
  identifier: 'NEWCO',
  name: 'New Co',
  url: 'https://as2.newco.example/',
  encryptionCertificate: pem,
};
const identity = {
  type: 'NEW_SELF_SIGN_CERTIFICATE',
  commonName: 'second hub',
  password: 'a secret of the key',
  keyLength: 4096,
  validity: 2,
} as const;
const station = { identifier: 'HUB2', name: 'Second hub', email: ['ops@example.com'], certificate: identity };

describe.each([
  { names: 'v2', compat: 'v2' },
  { names: 'v1', compat: 'v1' },
  { names: 'both', compat: 'v2' },
  { names: 'both', compat: 'v1' },
] as const)('a gateway with names of $names, asked in $compat', ({ names, compat }) => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await startPair({ names }, { compat });
  });
  afterAll(() => pair.close());

  it('creates stations and partners, and then has them', async () => {
    const { gateway } = pair;
    expect(await gateway.stations.find('HUB2')).toBeUndefined();
    expect(await gateway.stations.create(station)).toMatchObject({ id: expect.stringMatching(/^\d+$/) });
    expect(await gateway.stations.find('HUB2')).toMatchObject({ identifier: 'HUB2', name: 'Second hub' });
    expect(await gateway.partners.create(partner)).toMatchObject({ id: expect.stringMatching(/^\d+$/) });
    expect((await gateway.partners.list()).map(({ identifier }) => identifier)).toContain('NEWCO');
  });

  it('says which field is refused, and why', async () => {
    const { gateway } = pair;
    for (const creation of [() => gateway.partners.create(partner), () => gateway.stations.create(station)]) {
      const error: unknown = await creation().catch((reason: unknown) => reason);
      expect(isUnprocessableError(error)).toBe(true);
      expect(error).toMatchObject({ outcome: 'rejected' });
      expect([...fieldErrors(error)]).toEqual([
        [expect.stringMatching(/identifier/i), expect.stringMatching(/exist|taken|use/i)],
      ]);
    }
  });

  it('refuses on this side what can never be right, without a request and without showing a secret', async () => {
    const { gateway, sandbox } = pair;
    const before = { ...sandbox.calls };
    const wrong = { ...station, certificate: { ...identity, keyLength: 512, password: 'do-not-show' } };
    const error: unknown = await gateway.stations.create(wrong as never).catch((reason: unknown) => reason);
    expect(isInvalidRequestError(error)).toBe(true);
    expect(error).toMatchObject({ issues: [expect.objectContaining({ path: 'certificate.keyLength' })] });
    expect(JSON.stringify(error)).not.toContain('do-not-show');
    expect(sandbox.calls).toEqual(before);
  });

  it('reads certificates with their expiry as a Date', async () => {
    const { gateway } = pair;
    const all = [];
    for await (const certificate of gateway.certificates.all({ type: 'STATION' })) all.push(certificate);
    const own = all.find(({ belongsTo }) => belongsTo.includes('HUB2'));
    expect(own?.subject.commonName).toBe('second hub');
    expect(own?.expiry).toBeInstanceOf(Date);
    const years = (own!.expiry!.getTime() - own!.validFrom!.getTime()) / (365 * 86_400_000);
    expect(years).toBeCloseTo(2, 1);
    expect(await gateway.certificates.get(own!.alias)).toEqual(own);
    const kinds = (await gateway.certificates.list({ type: 'PARTNER' })).map(({ type }) => type);
    expect(new Set(kinds)).toEqual(new Set(['PARTNER']));
    expect((await gateway.certificates.list()).length).toBeGreaterThan(kinds.length);
  });

  it('does not find what is not there', async () => {
    const { gateway } = pair;
    await expect(gateway.certificates.get('nobody/../x y')).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(gateway.certificates.get('')).rejects.toMatchObject({ outcome: 'not-sent' });
  });
});

describe.each(['snake', 'camel', 'v2'] as const)('certificates in the names of %s', (certificateNames) => {
  it('read the same', async () => {
    const pair = await startPair({ certificateNames });
    try {
      await pair.gateway.partners.create(partner);
      const entries = await pair.gateway.certificates.list({ type: 'PARTNER' });
      const certificates = await Promise.all(
        entries.map(({ alias }) => pair.gateway.certificates.get(alias)),
      );
      const own = certificates.find(({ belongsTo }) => belongsTo.includes('NEWCO'));
      expect(own?.subject).toMatchObject({
        commonName: 'new partner',
        distinguishedName: expect.stringContaining('CN=new partner'),
      });
      expect(own?.serialNumberDecimal ?? own?.serialNumber).toMatch(/^\d+$/);
      const days = (own!.expiry!.getTime() - Date.now()) / 86_400_000;
      expect(days).toBeGreaterThan(399);
      expect(days).toBeLessThan(401);
    } finally {
      await pair.close();
    }
  });
});

describe('changing a partner', () => {
  it('sends what is given and nothing else', async () => {
    const pair = await startPair();
    try {
      await pair.gateway.partners.update('ACME', { name: 'Acme & Sons', requestAsyncMDN: true });
      expect(await pair.gateway.partners.find('ACME')).toMatchObject({ name: 'Acme & Sons' });
      const backup = {
        httpsBackupCertificate: pem,
        httpsBackupCertActiveTimeStamp: new Date(Date.now() + 86_400_000),
      };
      await pair.gateway.partners.update('ACME', backup);
      expect(await pair.gateway.partners.find('ACME')).toMatchObject({ name: 'Acme & Sons' });
      await expect(pair.gateway.partners.update('NOBODY', { name: 'x' })).rejects.toMatchObject({
        outcome: 'rejected',
      });
      await expect(pair.gateway.partners.update('ACME', {})).rejects.toMatchObject({ outcome: 'not-sent' });
    } finally {
      await pair.close();
    }
  });
});
