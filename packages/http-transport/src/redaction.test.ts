import { printable, requestIdOf, scrub, secretsOf, shownOf } from './redaction';

describe('redaction', () => {
  it('shows only headers that are on the list', () => {
    expect(
      shownOf({
        'content-type': 'text/plain',
        'set-cookie': 'sid=1',
        'x-auth-token': 'abc',
        location: 'https://x/?t=1',
        'retry-after': '3',
      }),
    ).toEqual({ 'content-type': 'text/plain', 'retry-after': '3' });
  });

  it('takes a request id only where it looks like one', () => {
    expect(requestIdOf({ 'x-request-id': 'a-1.b_2' })).toBe('a-1.b_2');
    expect(requestIdOf({ 'x-request-id': 'two words', 'x-amzn-requestid': 'c3' })).toBe('c3');
    expect(requestIdOf({})).toBeUndefined();
  });

  it('collects what is secret by name, at any depth, and the session value with its parts', () => {
    const secrets = secretsOf(
      {
        headers: { 'x-api-key': 'KEY-KEY', 'as2-to': 'ACME-PARTNER' },
        query: { token: 'TOKEN-1', page: 1 },
        body: { json: { user: 'someone', login: { password: 'hunter22' }, passwords: ['alpha', 'beta'] } },
      },
      'Bearer SESSION',
    );
    expect(secrets).toEqual(
      expect.arrayContaining([
        'KEY-KEY',
        'TOKEN-1',
        'hunter22',
        'alpha',
        'beta',
        'SESSION',
        'Bearer SESSION',
      ]),
    );
    expect(secrets).not.toContain('ACME-PARTNER');
    expect(secrets).not.toContain('someone');
  });

  it.each([
    ['no such token SECRET here', 'no such token [redacted] here'],
    ['see https://host/path?X-Amz-Signature=abc&b=1 now', 'see https://host/path?[redacted] now'],
    ['called /path?page=2&sig=abc', 'called /path?page=[redacted]&sig=[redacted]'],
    ['at https://user:pw@host/x', 'at https://[redacted]@host/x'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-nature', 'jwt [redacted]'],
    ['got Bearer abcdefghijk', 'got Bearer [redacted]'],
    ['line\r\nFORGED \u001b[31mred\u202e', 'line FORGED  [31mred'],
    ['Unable to find partner with AS2 identifier: ACME', 'Unable to find partner with AS2 identifier: ACME'],
  ])('%s', (text, clean) => {
    expect(scrub(text, ['SECRET'])).toBe(clean);
  });

  it('shows nothing of a text where there are too many secrets to look for', () => {
    const secrets = secretsOf(
      { body: { json: { keys: Array.from({ length: 20_000 }, (_, at) => `key-${at}`) } } },
      undefined,
    );
    const cpu = process.cpuUsage();
    expect(scrub('key-19999 '.repeat(50_000), secrets)).toBe('[redacted]');
    expect(process.cpuUsage(cpu).user).toBeLessThan(1_000_000);
  });

  it('bounds what it shows', () => {
    expect(printable('x'.repeat(1000), 10)).toBe(`${'x'.repeat(10)}…`);
    expect(scrub('y'.repeat(1_000_000), []).length).toBeLessThan(310);
  });
});
