import { inspect } from 'node:util';
import { Secret } from '../config/secret';
import { createLogger } from './log';

const canary = 'canary-5f1e9c"\\/+';

function logging(): { lines: string[]; log: ReturnType<typeof createLogger> } {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  return { lines, log: createLogger({ level: 'debug', secrets: [new Secret(canary)], destination }) };
}

test('one JSON object a line, with level by name, time, ids and message', () => {
  const { lines, log } = logging();
  log.info({ event: 'taken', messageId: 'm1', attachmentId: 'a1', reasons: ['too-large'] }, 'taken');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    pid: process.pid,
    event: 'taken',
    messageId: 'm1',
    attachmentId: 'a1',
    reasons: ['too-large'],
    msg: 'taken',
  });
});

test('levels below the configured one are silent', () => {
  const lines: string[] = [];
  const log = createLogger({ level: 'warn', destination: { write: (line) => void lines.push(line) } });
  log.info('no');
  log.warn('yes');
  expect(lines).toHaveLength(1);
});

const error = Object.assign(new Error(`refused for ${canary}`, { cause: new Error(canary) }), {
  operation: 'inbox.list',
  status: 401,
  outcome: 'rejected',
  config: { headers: { Authorization: canary } },
  request: { token: canary },
});

test.each<[string, (log: ReturnType<typeof createLogger>) => void]>([
  ['a secret itself', (log) => log.info({ why: new Secret(canary) }, 'x')],
  ['a configuration', (log) => log.info({ config: { auth: { apiKey: canary } } }, 'x')],
  ['a header', (log) => log.info({ headers: { authorization: canary } }, 'x')],
  ['text in an allowed field', (log) => log.info({ why: `the answer was ${canary}` }, 'x')],
  ['the message', (log) => log.warn(`token ${canary}`)],
  ['inspect in the message', (log) => log.warn(inspect({ canary }))],
  ['an interpolated value', (log) => log.warn('token %s', canary)],
  ['an error with its request', (log) => log.error({ err: error }, 'failed')],
  ['an error as the first argument', (log) => log.error(error)],
  ['the binding of a child', (log) => log.child({ why: canary }).info('x')],
  ['a percent-encoded secret', (log) => log.info({ url: `http://h/${encodeURIComponent(canary)}` }, 'x')],
])('%s does not show a secret', (_name, write) => {
  const { lines, log } = logging();
  write(log);
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('canary-5f1e9c');
  expect(() => JSON.parse(lines[0]!) as unknown).not.toThrow();
});

test('a field that is not on the list is left out and named', () => {
  const { lines, log } = logging();
  log.info({ event: 'x', password: 'p', body: 'b' }, 'x');
  expect(JSON.parse(lines[0]!)).toMatchObject({ event: 'x', omitted: ['password', 'body'] });
  expect(lines[0]).not.toContain('"p"');
});

test('an error keeps what helps: its words, its cause, the facts of the call', () => {
  const { lines, log } = logging();
  log.error({ err: error }, 'failed');
  expect(JSON.parse(lines[0]!)).toMatchObject({
    err: {
      type: 'Error',
      message: 'refused for [secret]',
      operation: 'inbox.list',
      status: 401,
      outcome: 'rejected',
      cause: { message: '[secret]' },
    },
  });
});

test.each([
  [
    'GET https://b.s3.amazonaws.com/a?X-Amz-Signature=abc&x=1 failed',
    'GET https://b.s3.amazonaws.com/a?[redacted] failed',
  ],
  ['via http://user:pass@proxy:3128/', 'via http://[redacted]@proxy:3128/'],
  ['Authorization: Bearer eyJhbGciOi.abc', 'Authorization: Bearer [redacted]'],
  ['no secret? none here', 'no secret? none here'],
])('what looks like a secret by its place is removed: %s', (text, clean) => {
  const { lines, log } = logging();
  log.info({ why: text }, text);
  expect(JSON.parse(lines[0]!)).toMatchObject({ why: clean, msg: clean });
});
