import {
  AbortedError,
  ApiError,
  ConnectionError,
  InvalidRequestError,
  ResponseShapeError,
  TimeoutError,
} from '@mft-bridge/http-transport';
import { CustodyDamagedError, CustodyUnavailableError } from '../custody/custody';
import { LedgerRefusedError } from '../ledger/ledger-refused-error';
import { LedgerUnavailableError } from '../ledger/ledger-unavailable-error';
import { classifyFailure } from './failure';

const operation = 'files.status';
const attempts = 1;
const facts = { message: 'files.status failed.', operation, outcome: 'unknown' as const };
const api = (status: number, retryAfterMs?: number): ApiError =>
  new ApiError({ ...facts, status, retryAfterMs, method: 'GET', path: '/x', headers: {}, attempts });

test.each([
  [
    'connection',
    new ConnectionError({ ...facts, host: 'h:1', attempts }),
    { kind: 'transient', unreachable: true, service: 'away' },
  ],
  [
    'no headers in time',
    new TimeoutError({ ...facts, clock: 'headers', limitMs: 1, attempts }),
    { kind: 'transient', unreachable: true },
  ],
  [
    'no byte in time',
    new TimeoutError({ ...facts, clock: 'idle', limitMs: 1, attempts }),
    { kind: 'transient', unreachable: false },
  ],
  [
    'too slow in all',
    new TimeoutError({ ...facts, clock: 'total', limitMs: 1, attempts }),
    { kind: 'transient', unreachable: false },
  ],
  [
    'a store of custody that is away',
    new CustodyUnavailableError('x'),
    { kind: 'transient', unreachable: false, service: null },
  ],
  [
    'a ledger that is away',
    new LedgerUnavailableError('x', 'CLOSED'),
    { kind: 'transient', unreachable: false, service: null },
  ],
  [
    'a ledger whose server was told to lose what it acknowledges',
    new LedgerRefusedError('x'),
    { kind: 'transient', unreachable: false, service: null },
  ],
  ['500', api(500), { kind: 'transient', unreachable: false, service: 'away' }],
  ['503 with Retry-After', api(503, 7_000), { kind: 'transient', retryAfterMs: 7_000 }],
  ['429', api(429, 90_000), { kind: 'transient', retryAfterMs: 90_000, service: 'there' }],
  ['408', api(408), { kind: 'transient' }],
  ['400', api(400), { kind: 'counted', unreadable: false }],
  ['401', api(401), { kind: 'counted', service: 'there' }],
  ['404', api(404), { kind: 'counted', retryAfterMs: null }],
  ['another shape', new ResponseShapeError({ ...facts, status: 200 }), { kind: 'counted', unreadable: true }],
  ['refused by ourselves', new InvalidRequestError({ operation, message: 'no' }), { kind: 'counted' }],
  ['aborted', new AbortedError({ ...facts, attempts }), { kind: 'counted', service: null }],
  ['damaged', new CustodyDamagedError('bytes differ'), { kind: 'damaged', why: 'bytes differ' }],
  ['a fault of ours', new TypeError('x is not a function'), { kind: 'counted', why: 'x is not a function' }],
  ['not even an error', 'oops', { kind: 'counted', why: 'unknown error' }],
])('%s', (_name, error, expected) => {
  const failure = classifyFailure(error);
  expect(failure).toMatchObject(expected);
  if (error instanceof Error) expect(failure.why).toContain(error.message);
});
