import type { lookup } from 'node:dns';
import { guardedLookup } from './guarded-lookup';
import { isLoopbackAddress, isLoopbackHost, isPublicAddress } from './public-address';

describe('public addresses', () => {
  it.each([
    '8.8.8.8',
    '52.216.1.1',
    '2606:4700::1111',
    '2a00:1450:4001::5',
    '64:ff9b::808:808',
    '64:ff9b::8.8.8.8',
  ])('%s is public', (address) => expect(isPublicAddress(address)).toBe(true));
  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    'ff02::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '::ffff:8.8.8.8',
    '2001:db8::1',
    '2001::1',
    '2002:7f00:1::',
    '64:ff9b::7f00:1',
    '64:ff9b::10.0.0.1',
    'fec0::1',
    '',
    'localhost',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'])(
    '%s is loopback',
    (address) => {
      expect(isLoopbackAddress(address)).toBe(true);
    },
  );
  it.each([
    ['localhost', true],
    ['a.localhost', true],
    ['[::1]', true],
    ['LOCALHOST', true],
    ['notlocalhost', false],
    ['10.0.0.1', false],
    ['127.0.0.1.example.com', false],
  ] as const)('host %s: %s', (host, expected) => expect(isLoopbackHost(host)).toBe(expected));
});

describe('guarded lookup', () => {
  const answering = (...addresses: string[]): typeof lookup =>
    ((_: string, __: object, callback: (error: null, all: unknown) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )) as never;
  const ask = (kind: 'public' | 'loopback', all: boolean, ...addresses: string[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      guardedLookup(kind, answering(...addresses))('name', { all }, (error, found) =>
        error === null ? resolve(found) : reject(error),
      );
    });

  it('hands on what is public, in the form that was asked for', async () => {
    await expect(ask('public', false, '8.8.8.8')).resolves.toBe('8.8.8.8');
    await expect(ask('public', true, '8.8.8.8')).resolves.toEqual([{ address: '8.8.8.8', family: 4 }]);
  });
  it('refuses a name when one of its addresses is not public', async () => {
    await expect(ask('public', true, '8.8.8.8', '127.0.0.1')).rejects.toMatchObject({
      code: 'ADDRESS_REFUSED',
    });
    await expect(ask('public', false)).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
  it('lets a name that means this machine lead nowhere else', async () => {
    const local = (kind: 'public' | 'loopback', address: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        guardedLookup(kind, answering(address))('x.localhost', {}, (error, found) =>
          error === null ? resolve(found) : reject(error),
        );
      });
    await expect(local('loopback', '127.0.0.1')).resolves.toBe('127.0.0.1');
    for (const kind of ['loopback', 'public'] as const)
      await expect(local(kind, '8.8.8.8')).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
    await expect(local('public', '127.0.0.1')).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
  it('hands on that the name is unknown', async () => {
    const unknown = Object.assign(new Error('x'), { code: 'ENOTFOUND' });
    const failing = ((_: string, __: object, callback: (error: Error) => void) => callback(unknown)) as never;
    const asked = new Promise((resolve) => guardedLookup('public', failing)('name', {}, resolve));
    await expect(asked).resolves.toBe(unknown);
  });
  it('permits loopback, and nothing private, where it was asked for', async () => {
    await expect(ask('loopback', false, '127.0.0.1')).resolves.toBe('127.0.0.1');
    await expect(ask('loopback', false, '10.0.0.1')).rejects.toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
});
