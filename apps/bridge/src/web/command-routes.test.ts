import { reason } from '../domain/reason';
import type { MessageEvent } from '../domain/message-event';
import { changing, sampleMessage, taking } from '../ledger/test/sample-message';
import type { Answer, ListenerFixture } from './test/listener-fixture';
import { openListener, token } from './test/listener-fixture';

let web: ListenerFixture;
beforeEach(async () => {
  web = await openListener();
});
afterEach(() => web.close());

const { message } = sampleMessage('m');
const replay = `/api/v1/messages/${message.id}/replay`;
const hold = `/api/v1/messages/${message.id}/legal-hold`;
const refused: MessageEvent = { type: 'refused', reasons: [reason('id-conflict')] };

async function take(...events: readonly MessageEvent[]): Promise<void> {
  const { ledger } = web.temporary;
  await ledger.commit(taking(sampleMessage('m')));
  if (events.length > 0) await ledger.commit(changing(message, events));
}

function post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return web.get(path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: text }),
  });
}

test('a replay is written down as a command, with its work, and can be asked for', async () => {
  await take(refused);
  const { status, headers, body } = await post(replay, { evenIfSent: true });
  expect(status).toBe(202);
  expect(headers.get('location')).toBe(`/api/v1/commands/${String(body.id)}`);
  expect(body).toEqual({
    id: expect.stringMatching(/^[0-9a-z]{32}$/),
    kind: 'replay',
    messageId: message.id,
    actor: 'api token',
    askedAt: 7,
    state: 'waiting',
    doneAt: null,
    outcome: null,
  });
  const { ledger } = web.temporary;
  expect(await ledger.commands.find(body.id)).toMatchObject({ argument: { evenIfSent: true } });
  const [work] = await ledger.due.claim({ limits: { command: 1 }, now: 7, leaseMs: 10 });
  expect(work).toMatchObject({ kind: 'command', subject: body.id, messageId: message.id });

  expect((await web.get(headers.get('location')!)).body).toEqual(body);
  await ledger.commands.conclude(body.id, { done: false, text: 'It is in work.' }, 9);
  expect((await web.get(headers.get('location')!)).body).toMatchObject({
    state: 'refused',
    doneAt: 9,
    outcome: 'It is in work.',
  });
});

test.each([
  ['without a body', undefined],
  ['with an empty object', {}],
])('a replay %s is one that sends nothing twice', async (_name, body) => {
  await take(refused);
  const answer = await post(replay, body);
  expect(answer.status).toBe(202);
  expect(await web.temporary.ledger.commands.find(answer.body.id)).toMatchObject({
    argument: { evenIfSent: false },
  });
});

test('a legal hold names why, its end need not', async () => {
  await take();
  for (const body of [{ on: true, why: ' Case 17 ' }, { on: false }]) {
    const answer = await post(hold, body);
    expect(answer.status).toBe(202);
    const { argument } = (await web.temporary.ledger.commands.find(answer.body.id))!;
    expect(argument).toEqual(body.on ? { on: true, why: 'Case 17' } : { on: false });
  }
});

test('what the state of the message does not allow is 409 at once, and nothing is written down', async () => {
  await take();
  const { status, body } = await post(replay);
  expect([status, body]).toEqual([
    409,
    { error: { code: 'not-now', message: expect.stringContaining('in work') } },
  ]);
  expect((await web.temporary.ledger.due.count()).command).toBeUndefined();
});

test.each([
  [replay, { evenIfSent: 'yes' }, /evenIfSent: expected true or false/],
  [replay, { evenIfSent: true, force: 1 }, /unknown field: force/],
  [replay, [], /expected object/],
  [hold, {}, /on: expected true or false/],
  [hold, { on: true }, /why: expected a text/],
  [hold, { on: true, why: '  ' }, /why: say for whom or what/],
  [hold, { on: true, why: 'x'.repeat(501) }, /why: at most 500/],
  [hold, { on: 'true', why: 'x' }, /on: expected true or false/],
  [hold, { on: false, why: 'x', until: 'tomorrow' }, /unknown field: until/],
])('%s with %j is 422 and says what is wrong', async (path, body, words) => {
  await take(refused);
  expect(await post(path, body)).toMatchObject({
    status: 422,
    body: { error: { code: 'bad-body', message: expect.stringMatching(words) } },
  });
});

test.each<[string, unknown, Record<string, string>, number, string]>([
  ['no JSON', '{"evenIfSent": tr', {}, 400, 'bad-json'],
  ['JSON that is no object', '"now"', {}, 400, 'bad-json'],
  ['a form', 'evenIfSent=true', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'not-json'],
  ['another charset', '{}', { 'content-type': 'application/json; charset=iso-8859-1' }, 415, 'not-json'],
  ['an unknown encoding', '{}', { 'content-encoding': 'zstd' }, 415, 'not-json'],
  ['a large body', { why: 'x'.repeat(5_000) }, {}, 413, 'body-too-large'],
])('%s is refused', async (_name, body, headers, status, code) => {
  await take(refused);
  const answer = await post(replay, body, headers);
  expect([answer.status, answer.body.error?.code]).toEqual([status, code]);
  expect(web.lines).toEqual([]);
});

test('messages and commands that nobody knows are 404', async () => {
  expect(await post('/api/v1/messages/nobody/replay')).toMatchObject({ status: 404 });
  expect(await post('/api/v1/messages/nobody/legal-hold', { on: false })).toMatchObject({ status: 404 });
  expect(await web.get('/api/v1/commands/nobody')).toMatchObject({ status: 404 });
});

test('without the token nothing is asked for', async () => {
  await take(refused);
  const answer = await post(replay, {}, { authorization: 'Bearer wrong' });
  expect(answer.status).toBe(401);
  expect((await web.temporary.ledger.due.count()).command).toBeUndefined();
});

test.each([
  [replay, 'GET', 'POST'],
  [replay, 'DELETE', 'POST'],
  [hold, 'PUT', 'POST'],
  ['/api/v1/commands/x', 'POST', 'GET, HEAD'],
  ['/api/v1/messages', 'POST', 'GET, HEAD'],
  [`${replay}/more`, 'POST', 'GET, HEAD'],
  ['/readyz', 'POST', 'GET, HEAD'],
])('%s takes no %s', async (path, method, allow) => {
  const { status, headers } = await web.get(path, { method, headers: { authorization: `Bearer ${token}` } });
  expect([status, headers.get('allow')]).toEqual([405, allow]);
});
