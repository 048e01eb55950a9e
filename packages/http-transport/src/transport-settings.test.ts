import { InvalidRequestError } from './errors/invalid-request-error';
import { transportSettings } from './transport-settings';

describe('transport settings', () => {
  it.each([
    ['https://host:8010', '/vault_rest', 'https://host:8010/vault_rest'],
    ['https://host/', undefined, 'https://host'],
    ['https://host/base/', 'v1/', 'https://host/base/v1'],
    ['https://host', '', 'https://host'],
    ['http://127.0.0.1:9', undefined, 'http://127.0.0.1:9'],
    ['http://localhost', undefined, 'http://localhost'],
    ['http://[::1]:9', undefined, 'http://[::1]:9'],
  ])('%s and prefix %s: %s', (baseUrl, operationsPrefix, base) => {
    expect(transportSettings({ baseUrl, operationsPrefix }).base).toBe(base);
  });

  it.each([
    ['no URL', { baseUrl: 'host:8010/x y' }],
    ['another scheme', { baseUrl: 'ftp://host' }],
    ['plain http to another machine', { baseUrl: 'http://10.0.0.1' }],
    ['a user', { baseUrl: 'https://u@host' }],
    ['a query', { baseUrl: 'https://host?x=1' }],
    ['a negative clock', { baseUrl: 'https://host', clocks: { idleMs: -1 } }],
    ['a clock that is no number', { baseUrl: 'https://host', clocks: { totalMs: NaN } }],
    ['no attempts', { baseUrl: 'https://host', retry: { maxAttempts: 0 } }],
    ['a limit of nothing', { baseUrl: 'https://host', limit: { perSecond: 0, burst: 1 } }],
    ['a retry budget that is no number', { baseUrl: 'https://host', retry: { budget: { capacity: NaN } } }],
    ['a proxy password with a stray %', { baseUrl: 'https://host', egress: { proxy: 'http://u:50%zz@p' } }],
    ['a SOCKS proxy', { baseUrl: 'https://host', egress: { proxy: 'socks5://p' } }],
  ])('refuses %s', (_, options) => {
    expect(() => transportSettings(options)).toThrow(InvalidRequestError);
  });

  it('permits plain http elsewhere where it was asked for', () => {
    expect(transportSettings({ baseUrl: 'http://10.0.0.1', allowInsecureHttp: true }).base).toBe(
      'http://10.0.0.1',
    );
  });
});
