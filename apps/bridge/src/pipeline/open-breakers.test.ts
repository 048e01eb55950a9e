import { createActivity } from '../telemetry/activity';
import { createLogger } from '../telemetry/log';
import type { Breaker } from './breaker';
import { outagePrefix } from './breaker';
import type { Answering } from './feed-breaker';
import { openBreakers } from './open-breakers';

type Listener = Parameters<Answering['on']>[1];

let answer: Listener;
let scanner: Breaker;
let lines: string[];
let woken: number;
let elapsed: number;
const activity = createActivity({ now: () => 0 });

beforeEach(() => {
  lines = [];
  woken = 0;
  elapsed = 0;
  const client: Answering = {
    on: (_event, listener) => {
      answer = listener;
      return () => undefined;
    },
  };
  const silent: Answering = { on: () => () => undefined };
  ({ scanner } = openBreakers(
    {
      gateway: { client: silent, baseUrl: 'https://api.gateway.example' },
      scanner: { client, baseUrl: 'https://scanner.example:8010/vault' },
    },
    {
      now: () => 1_000,
      monotonic: () => elapsed,
      random: () => 0.5,
      activity,
      wake: () => void (woken += 1),
      log: createLogger({ level: 'info', destination: { write: (line) => void lines.push(line) } }),
    },
  ));
});

const scannerHost = 'scanner.example:8010';
const fail = (times: number): void => {
  for (let count = 0; count < times; count += 1)
    scanner.failed('upload', { why: 'ECONNREFUSED', operation: 'uploads.chunk' });
};
const isDown = (): boolean => activity.readiness().reasons.some(({ part }) => part === 'scanner');

test('three failures in a row open it: said once, shown as down, and whoever runs steps looks at once', () => {
  activity.serviceUp('scanner');
  fail(2);
  expect([scanner.outage(), isDown()]).toEqual([null, false]);
  fail(3);
  expect(scanner.outage()).toBe(`${outagePrefix('scanner')}since 1970-01-01T00:00:01.000Z: ECONNREFUSED`);
  expect(isDown()).toBe(true);
  expect(lines).toHaveLength(1);
  expect(woken).toBe(1);
});

test.each([
  ['an answer', 200, 'scanner.example:8010', false],
  ['a refusal is an answer', 401, 'scanner.example:8010', false],
  ['it says that it is broken', 503, 'scanner.example:8010', true],
  ['it gave up waiting', 408, 'scanner.example:8010', true],
  ['another host answered', 200, 'files.example', true],
])('closed again by any answer of its own: %s', (_name, status, host, stays) => {
  fail(3);
  answer({ operation: 'uploads.chunk', status, host });
  expect(scanner.outage() !== null).toBe(stays);
  expect(isDown()).toBe(stays);
  expect(woken).toBe(stays ? 1 : 2);
});

test('answers between failures keep it closed', () => {
  for (let turn = 0; turn < 10; turn += 1) {
    fail(2);
    answer({ operation: 'uploads.chunk', status: 404, host: scannerHost });
    scanner.ended('upload');
  }
  expect(scanner.outage()).toBeNull();
});

test('that uploads fail is told apart from a scanner that is away, and answers to other calls change nothing', () => {
  activity.serviceUp('scanner');
  for (let turn = 0; turn < 5; turn += 1) {
    fail(1);
    answer({ operation: 'system.version', status: 200, host: scannerHost });
  }
  const why = `${outagePrefix('scanner')}uploads since 1970-01-01T00:00:01.000Z: ECONNREFUSED`;
  expect(activity.readiness().reasons).toContainEqual({ part: 'scanner: uploads', reason: why });
  expect(isDown()).toBe(false);
  expect(scanner.admit('upload')).toEqual({ admitted: false, why });
  expect(scanner.admit('scan')).toEqual({ admitted: true });
  expect(scanner.outages()).toEqual([
    { prefix: outagePrefix('scanner'), isOpen: false, wantsTrial: false },
    { prefix: `${outagePrefix('scanner')}uploads `, isOpen: true, wantsTrial: false },
  ]);
  expect(lines.join('')).toContain('the scanner fails at uploads');
  expect(lines).toHaveLength(1);

  answer({ operation: 'uploads.chunk', status: 200, host: scannerHost });
  expect(activity.readiness().reasons.map(({ part }) => part)).toEqual(['gateway']);
  expect(scanner.outages().map(({ isOpen }) => isOpen)).toEqual([false, false]);
  expect(woken).toBe(2);
});

test('copies that cannot be deleted wait as well, and are no reason to be called not ready', () => {
  activity.serviceUp('scanner');
  for (let turn = 0; turn < 3; turn += 1) {
    scanner.failed('dispose', { why: '500', operation: 'files.delete' });
    answer({ operation: 'files.status', status: 200, host: scannerHost });
  }
  expect(scanner.admit('dispose').admitted).toBe(false);
  expect(activity.readiness().reasons.map(({ part }) => part)).toEqual(['gateway']);
});

/** Fails at files that lie at another host, and answers questions itself. */
const failAtFiles = (): void => {
  for (let turn = 0; turn < 3; turn += 1) {
    scanner.failed('scan', { why: 'ECONNRESET', operation: 'files.download' });
    answer({ operation: 'files.status', status: 200, host: scannerHost });
  }
};
const red = (): readonly string[] => activity.readiness().reasons.map(({ part }) => part);

test.each([
  ['an answer', 200, false],
  ['it says that it is broken', 503, true],
])('a call that only another host answers is closed by that: %s', (_name, status, stays) => {
  failAtFiles();
  expect(red()).toContain('scanner: questions for verdicts');
  answer({ operation: 'files.download', status, host: 'files.example' });
  expect(red().includes('scanner: questions for verdicts')).toBe(stays);
  expect(scanner.outage('scan') !== null).toBe(stays);
});

test('a call that is not asked any more does not keep its lane waiting, nor the bridge red', () => {
  failAtFiles();
  elapsed += 60_000;
  let refusals = 0;
  for (let step = 0; step < 5; step += 1) {
    if (!scanner.admit('scan').admitted) refusals += 1;
    answer({ operation: 'files.status', status: 200, host: scannerHost });
    scanner.ended('scan');
  }
  expect(refusals).toBe(0);
  expect(scanner.outage('scan')).toBeNull();
  expect(red()).toEqual(['gateway']);
});

test('nor does one whose lane has no work any more: who looks at the outages sees it end', () => {
  failAtFiles();
  elapsed += 299_999;
  expect(scanner.outages().map(({ isOpen }) => isOpen)).toEqual([false, true]);
  elapsed += 1;
  expect(scanner.outages().map(({ isOpen }) => isOpen)).toEqual([false, false]);
  expect(red()).toEqual(['gateway']);
  expect(lines.at(-1)).toContain('answers questions for verdicts again');
});
