import { CERTIFICATE, gatewayFixture, segment } from './gateway-fixture';
import type { GatewayFixture, Json } from './gateway-fixture';

const STATION = {
  name: 'Plant 2',
  email: 'a@x.example, b@x.example',
  certificate: {
    type: 'NEW_SELF_SIGN_CERTIFICATE',
    commonName: 'plant2.example',
    password: 'secret',
    keyLength: 2048,
    validity: 2,
    orgName: 'Example',
  },
};
const PARTNER = {
  name: 'New Partner',
  url: 'https://as2.partner.example',
  encryptionCertificate: CERTIFICATE,
};

describe('stations, partners and certificates (reference, section 8)', () => {
  let fixture: GatewayFixture;
  beforeEach(async () => {
    fixture = await gatewayFixture();
  });
  afterEach(() => fixture.gateway.close());

  async function send(method: string, path: string, body: object, at = fixture): Promise<[number, Json]> {
    const answer = await at.call(method, path, { body: JSON.stringify(body) });
    return [answer.status, await answer.json()];
  }

  describe('stations', () => {
    it('are created with a certificate of their own, and work at once', async () => {
      const [status, answer] = await send('POST', '/station', { ...STATION, identifier: 'PLANT2' });
      expect([status, answer]).toEqual([200, { message: expect.any(String), stationId: expect.any(Number) }]);
      const { stations } = await fixture.json('GET', '/station');
      expect(stations).toEqual([
        { identifier: 'HUB', name: 'HUB' },
        { identifier: 'PLANT2', name: 'Plant 2', email: STATION.email },
      ]);
      expect(JSON.stringify(stations)).not.toContain('secret');
      const certificate = await fixture.json('GET', '/certificate/PLANT2');
      expect(certificate).toMatchObject({
        type: 'STATION',
        subjectDistinguishName: 'CN=plant2.example, O=Example',
        expiryTimestamp: Date.UTC(2026, 0, 5, 8) + 2 * 365 * 24 * 3600_000,
        belongsTo: ['PLANT2'],
      });
      const record = await fixture.gateway.partner('ACME').send({ to: 'PLANT2', attachments: [] });
      expect(await fixture.list('/message/inbox?stationIdentifier=PLANT2')).toEqual([record.messageId]);
    });

    it('can take a certificate that is there', async () => {
      const certificate = { type: 'FROM_CERTIFICATE_STORE', alias: 'HUB' };
      expect((await send('POST', '/station', { ...STATION, identifier: 'P3', certificate }))[0]).toBe(200);
      expect((await fixture.json('GET', '/certificate/HUB')).belongsTo).toEqual(['HUB', 'P3']);
    });

    it('are refused with 422 and one object for each field', async () => {
      const [status, { message, errors }] = await send('POST', '/station', {
        identifier: 'HUB',
        email: 'a@x, b@x, c@x, d@x',
        certificate: {
          type: 'NEW_SELF_SIGN_CERTIFICATE',
          commonName: 'x',
          password: 'x',
          keyLength: 512,
          validity: 3,
        },
      });
      expect(status).toBe(422);
      expect(message).toEqual(expect.any(String));
      for (const error of errors) expect(Object.keys(error)).toHaveLength(1);
      expect(Object.keys(Object.assign({}, ...errors)).sort()).toEqual([
        'email',
        'identifier',
        'keyLength',
        'name',
        'validity',
      ]);
    });
  });

  describe('partners', () => {
    it('are created, and can be sent to and from at once', async () => {
      const body = { ...PARTNER, identifier: 'NEWCO', messageSubject: 'From us' };
      const [status, answer] = await send('POST', '/partner?service=as2', body);
      expect([status, answer]).toEqual([
        200,
        { message: expect.any(String), partnerId: expect.any(Number), identifier: 'NEWCO' },
      ]);
      const submit = await fixture.call('POST', '/message/submit', {
        headers: { 'AS2-From': 'HUB', 'AS2-To': 'NEWCO' },
        body: 'x',
      });
      expect(submit.status).toBe(202);
      fixture.pass(1_000);
      expect(fixture.gateway.partner('NEWCO').received[0]?.subject).toBe('From us');
      expect(fixture.gateway.partners).toContain('NEWCO');
      expect(await fixture.json('GET', '/certificate?certType=PARTNER')).toContainEqual({
        alias: 'NEWCO',
        type: 'PARTNER',
      });
    });

    it('are refused where they exist, and where their certificate is none', async () => {
      const [status, { errors }] = await send('POST', '/partner', {
        ...PARTNER,
        identifier: 'ACME',
        encryptionCertificate: 'bm9uZQ==',
        signatureAlgorithm: 'ROT13',
        useDiffCertAsSignCert: true,
        customHeaders: [{ headerName: 'AS2-From', headerValue: 'x' }],
      });
      expect(status).toBe(422);
      expect(errors[0]).toEqual({ identifier: 'already exists: ACME' });
      expect(Object.keys(Object.assign({}, ...errors)).sort()).toEqual([
        'customHeaders',
        'encryptionCertificate',
        'identifier',
        'signatureAlgorithm',
        'signatureCertificate',
      ]);
    });

    it('are changed by PUT, which wants its `service`', async () => {
      const change = { identifier: 'ACME', messageSubject: 'Changed', name: 'Acme Ltd' };
      expect((await send('PUT', '/partner', change))[0]).toBe(400);
      expect((await send('PUT', '/partner?service=as2', change))[0]).toBe(200);
      expect((await fixture.json('GET', '/partner')).partners[0]).toEqual({
        identifier: 'ACME',
        name: 'Acme Ltd',
        messageSubject: 'Changed',
      });
      expect((await send('PUT', '/partner?service=as2', { identifier: 'NOBODY' }))[0]).toBe(422);
      const backup = { identifier: 'ACME', httpsBackupCertificateAlias: 'x' };
      expect(await send('PUT', '/partner?service=as2', backup)).toMatchObject([
        422,
        { errors: [{ httpsBackupCertActiveTimeStamp: 'is required' }] },
      ]);
    });

    it('speak v1 where the gateway does', async () => {
      const other = await gatewayFixture({ names: 'v1' });
      const [, { errors }] = await send('POST', '/partner', { ...PARTNER, as2Identifier: 'ACME' }, other);
      expect(errors).toEqual([{ as2Identifier: 'already exists: ACME' }]);
      const [status, answer] = await send('POST', '/partner', { ...PARTNER, as2Identifier: 'NEWCO' }, other);
      expect([status, Object.keys(answer).sort()]).toEqual([200, ['message', 'partnerId']]);
      expect((await other.json('GET', '/partner')).partners[0]).toEqual({
        as2Identifier: 'ACME',
        name: 'ACME',
      });
      await other.gateway.close();
    });
  });

  describe('certificates', () => {
    it('are listed as a bare array, by type', async () => {
      expect(await fixture.json('GET', '/certificate?certType=STATION')).toEqual([
        { alias: 'HUB', type: 'STATION' },
      ]);
      expect((await fixture.json('GET', '/certificate')).length).toBe(4);
      expect((await fixture.call('GET', '/certificate?certType=ROOT')).status).toBe(400);
    });

    it('are created from base64, and an alias that is taken gets a number', async () => {
      const body = { alias: 'ACME', certType: 'HTTPS', certificate: CERTIFICATE };
      expect(await send('POST', '/certificate', body)).toEqual([
        200,
        { message: expect.any(String), alias: 'ACME-2' },
      ]);
      expect((await send('POST', '/certificate', { ...body, certificate: 'x' }))[0]).toBe(422);
    });

    it('answer 404 for an alias that is not known', async () => {
      const answer = await fixture.call('GET', `/certificate/${segment('no such')}`);
      expect([answer.status, await answer.json()]).toEqual([
        404,
        { message: 'Unable to find certificate with alias: no such' },
      ]);
    });

    const serial = String(0x1234567890abcdef1234n);
    it.each([
      ['snake', { serial_number: serial, subject_common_name: 'partner.example' }],
      ['camel', { serialNumber: serial, issuerCommonName: 'partner.example' }],
      ['v2', { serialNumberHex: '1234567890abcdef1234', serialNumberDecimal: serial }],
    ] as const)('are shown in the names of the %s generation', async (certificateNames, some) => {
      const other = await gatewayFixture({ certificateNames });
      await send('POST', '/certificate', { alias: 'c', certificate: CERTIFICATE }, other);
      const shown = await other.json('GET', '/certificate/c');
      expect(shown).toMatchObject({ alias: 'c', type: 'PARTNER', belongsTo: [], ...some });
      const names = Object.keys(shown).join();
      expect(names.includes('_')).toBe(certificateNames === 'snake');
      expect(names.includes('Timestamp')).toBe(certificateNames === 'v2');
      const name = certificateNames === 'snake' ? 'subject_distinguish_name' : 'subjectDistinguishName';
      expect(shown[name]).toBe('CN=partner.example, OU=Tests, O=Example, C=DE');
      // Java's way to write a date.
      expect(shown.expiry).toMatch(/^\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}$/);
      await other.gateway.close();
    });

    it('are shown in all names where the gateway speaks both generations', async () => {
      const other = await gatewayFixture({ names: 'both' });
      const shown = await other.json('GET', '/certificate/HUB');
      expect(shown).toMatchObject({
        serial_number: shown.serialNumberDecimal,
        serialNumber: shown.serialNumberDecimal,
      });
      await other.gateway.close();
    });
  });

  it.each([
    ['GET', '/station'],
    ['POST', '/station'],
    ['GET', '/partner'],
    ['POST', '/partner'],
    ['PUT', '/partner'],
    ['GET', '/certificate'],
    ['POST', '/certificate'],
  ])('%s %s wants a token', async (method, path) => {
    expect((await fetch(fixture.gateway.url + path, { method })).status).toBe(401);
  });
});
