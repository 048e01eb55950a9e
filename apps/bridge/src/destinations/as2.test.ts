import type { Delivery as GatewayDelivery } from '@mft-bridge/as2-gateway-client';
import { parseDisposition } from '@mft-bridge/as2-gateway-client';
import type { Outcome } from '@mft-bridge/http-transport';
import {
  AbortedError,
  ApiError,
  BadRequestError,
  ConnectionError,
  ForbiddenError,
  InvalidRequestError,
  PayloadTooLargeError,
  RateLimitedError,
  RedirectRefusedError,
  RequestBodyError,
  ResponseShapeError,
  ServerError,
  ServiceUnavailableError,
  TimeoutError,
  UnauthorizedError,
  UnprocessableError,
} from '@mft-bridge/http-transport';
import { CustodyDamagedError } from '../custody/custody';
import { outcomeOfDelivery } from './as2';
import { outcomeOfError } from './as2-submit';

const operation = 'messages.send';
const facts = (
  outcome: Outcome,
): { message: string; operation: string; outcome: Outcome; attempts: number; host: string } => ({
  message: 'messages.send failed.',
  operation,
  outcome,
  attempts: 1,
  host: 'gateway:443',
});
const api = (Kind: typeof ApiError, status: number, outcome: Outcome): ApiError =>
  new Kind({ ...facts(outcome), status, method: 'POST', path: '/message/submit', headers: {} });

describe('a submit that failed', () => {
  test.each([
    ['refused by ourselves', new InvalidRequestError({ operation, message: 'bad name' }), 'failed'],
    ['never connected', new ConnectionError(facts('not-sent')), 'not-sent'],
    ['reset', new ConnectionError(facts('unknown')), 'lost'],
    ['no headers in time', new TimeoutError({ ...facts('unknown'), clock: 'headers', limitMs: 1 }), 'lost'],
    [
      'no connection in time',
      new TimeoutError({ ...facts('not-sent'), clock: 'headers', limitMs: 1 }),
      'not-sent',
    ],
    ['stopped before it was sent', new AbortedError(facts('not-sent')), 'not-sent'],
    ['stopped while it was sent', new AbortedError(facts('unknown')), 'lost'],
    ['an answer that cannot be read', new ResponseShapeError({ ...facts('unknown'), status: 202 }), 'lost'],
    ['400', api(BadRequestError, 400, 'rejected'), 'failed'],
    ['401', api(UnauthorizedError, 401, 'rejected'), 'not-sent'],
    ['403', api(ForbiddenError, 403, 'rejected'), 'not-sent'],
    ['408', api(ApiError, 408, 'unknown'), 'lost'],
    ['413', api(PayloadTooLargeError, 413, 'rejected'), 'failed'],
    ['422', api(UnprocessableError, 422, 'rejected'), 'failed'],
    ['429', api(RateLimitedError, 429, 'rejected'), 'not-sent'],
    ['500', api(ServerError, 500, 'unknown'), 'lost'],
    ['503', api(ServiceUnavailableError, 503, 'unknown'), 'lost'],
    ['302', api(RedirectRefusedError, 302, 'unknown'), 'lost'],
  ])('%s', (_name, error, type) => {
    const outcome = outcomeOfError(error);
    expect(outcome.type).toBe(type);
    // Whatever may have reached the gateway must never lead straight to another submit.
    if (error.outcome === 'unknown') expect(outcome.type).toBe('lost');
  });

  test.each([
    ['damaged bytes', new CustodyDamagedError('other bytes')],
    ['a fault of ours', new TypeError('undefined is not a function')],
  ])('%s: thrown on, for the runner to judge', (_name, error) => {
    expect(() => outcomeOfError(error)).toThrow(error);
  });

  test('a body that could not be read is no refusal of the gateway', () => {
    const error = new RequestBodyError(facts('unknown'));
    expect(outcomeOfError(error).type).toBe('lost');
  });
});

describe('what the gateway says of a submission', () => {
  const good = parseDisposition('automatic-action/MDN-sent-automatically; processed');
  const bad = parseDisposition('automatic-action/MDN-sent-automatically; processed/error: decryption-failed');

  test.each<[string, GatewayDelivery, string]>([
    ['sent, with a good receipt', { state: 'sent', good: true, disposition: good }, 'delivered'],
    ['sent, with a bad receipt', { state: 'sent', good: false, disposition: bad }, 'failed'],
    // A digest that differs, or a receipt of our own.
    ['sent, with a receipt that proves nothing', { state: 'sent', good: false, disposition: good }, 'failed'],
    ['sent, without a receipt yet', { state: 'sent', good: false }, 'again'],
    ['queued', { state: 'queued', good: false }, 'again'],
    [
      'queued, with a good receipt of an earlier try',
      { state: 'queued', good: false, disposition: good },
      'again',
    ],
    ['incomplete', { state: 'incomplete', good: false }, 'again'],
    ['failed', { state: 'failed', good: false }, 'failed'],
    ['failed, whatever a receipt says', { state: 'failed', good: false, disposition: good }, 'failed'],
    ['in no box', { state: 'unknown', good: false }, 'again'],
  ])('%s', (_name, delivery, type) => {
    expect(outcomeOfDelivery(delivery).type).toBe(type);
  });

  test('the proof is the receipt in its own words', () => {
    expect(outcomeOfDelivery({ state: 'sent', good: true, disposition: good })).toEqual({
      type: 'delivered',
      proof: expect.stringContaining('processed'),
    });
  });
});
