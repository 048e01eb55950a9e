/**
 * One answer of the gateway is falsified. The message stays unread, is tried again and is shown to people; where it may have
 * left already it is looked for, then held. It is never dropped, the reason names the operation, and others go on.
 */
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { falsify } from './rig/falsify';
import { purchaseOrder, threeFiles } from './rig/partner-samples';
import type { Answer, Trick } from './rig/rewriting-proxy';
import { until } from './rig/until';

jest.setTimeout(180_000);

const { garbage, html, edit } = falsify;
const tries = 3;
// What intake could not take so often is tried again after an hour only: more tries than these tests can use up.
const changes = { intake: { tries: 1_000 }, delivery: { tries, retry: { base: '10ms', max: '50ms' } } };

let rig: FaultRig;
beforeEach(async () => {
  rig = await openFaultRig({ changes });
});
afterEach(() => rig.close());

const arrived = (): readonly string[] =>
  rig.gateway.partner('WAREHOUSE').received.flatMap(({ attachments }) => attachments.map(({ name }) => name));
const sendOrder = (): Promise<unknown> =>
  rig.gateway
    .partner('ACME')
    .send({ messageId: '<bad@acme>', subject: 'Order', attachments: [purchaseOrder(12)] });

describe('an answer of the gateway: the message stays unread, is shown to people, and is taken once the answers are right', () => {
  const get = /^GET \/message\/inbox\/%3Cbad/;
  const attachments = /^GET \/message\/inbox\/%3Cbad[^/]*\/attachments/;
  const link = ({ body }: Answer): { name: string; url: string } =>
    (JSON.parse(body.toString()) as { attachments: { name: string; url: string }[] }).attachments[0]!;

  const throughFilesProxy = (): Trick => ({
    call: attachments,
    rewrite: (answer) =>
      edit((json) => ({
        ...json,
        attachments: [
          { ...link(answer), url: link(answer).url.replace(rig.gateway.filesUrl, rig.filesProxy.url) },
        ],
      }))(answer),
  });

  const cases: [string, (() => Trick)[], RegExp][] = [
    ['no JSON for the message', [() => ({ call: get, rewrite: garbage })], /inbox\.get/],
    ['a page of HTML for the message', [() => ({ call: get, rewrite: html })], /inbox\.get/],
    [
      'a message without station and partner',
      [() => ({ call: get, rewrite: edit(({ identifier }) => ({ identifier })) })],
      /inbox\.get/,
    ],
    ['a message that is a list', [() => ({ call: get, rewrite: edit((json) => [json]) })], /inbox\.get/],
    ['no JSON for the attachments', [() => ({ call: attachments, rewrite: garbage })], /inbox\.attachments/],
    [
      'more attachments counted than listed',
      [() => ({ call: attachments, rewrite: edit((json) => ({ ...json, total: 2 })) })],
      /counts 2 attachments and lists 1/,
    ],
    [
      'fewer attachments counted than listed',
      [() => ({ call: attachments, rewrite: edit((json) => ({ ...json, total: 0 })) })],
      /counts 0 attachments and lists 1/,
    ],
    [
      'an address at a foreign host',
      [
        () => ({
          call: attachments,
          rewrite: edit((json) => ({
            ...json,
            attachments: [{ name: 'order.x12', url: 'https://files.example.net/x?X-Amz-Signature=canary' }],
          })),
        }),
      ],
      /inbox\.openAttachment/,
    ],
    [
      'an address in the network of our own',
      [
        () => ({
          call: attachments,
          rewrite: (answer) =>
            edit((json) => ({ ...json, attachments: [{ ...link(answer), url: 'http://10.0.0.1/secret' }] }))(
              answer,
            ),
        }),
      ],
      /inbox\.openAttachment/,
    ],
    ['a download that breaks off', [throughFilesProxy], /inbox\.openAttachment/],
    ['a page of HTML in place of the file', [throughFilesProxy], /answered with a web page/],
  ];

  test.each(cases)('%s', async (name, tricks, words) => {
    const played = tricks.map((trick) => rig.gatewayProxy.play(trick()));
    if (name.includes('breaks off')) rig.filesProxy.play({ call: /./, cut: true });
    if (name.includes('in place of the file')) rig.filesProxy.play({ call: /./, rewrite: html });
    await sendOrder();
    await rig.gateway.partner('ACME').send({ messageId: '<good@acme>', attachments: threeFiles() });
    const bridge = await rig.start();
    const failure = await until(
      'the message is noted, again and again',
      async () => (await rig.intakeFailures()).find(({ tries: count }) => count >= 2),
      { facts: () => bridge.lines.slice(-10) },
    );
    expect(failure).toMatchObject({ gatewayId: '<bad@acme>', reason: expect.stringMatching(words) });
    expect(failure.reason).not.toContain('canary');
    // It stops nobody else.
    expect((await rig.done(1)).map(({ gatewayId }) => gatewayId)).toEqual(['<good@acme>']);
    expect(await rig.unread()).toEqual(['<bad@acme>']);
    expect(arrived()).not.toContain('order.x12');

    for (const one of played) one.end();
    await rig.done(2);
    expect(arrived()).toContain('order.x12');
    expect(await rig.intakeFailures()).toEqual([]);
  });
});

test.each([
  ['garbage', garbage],
  ['a page of HTML', html],
  ['another shape', edit(() => ({ messages: 'none' }))],
  ['numbers for ids', edit(() => ({ messages: [1, 2] }))],
])(
  'the list of messages is %s: nothing is taken, /readyz says why, and it goes on by itself',
  async (_name, rewrite) => {
    const trick = rig.gatewayProxy.play({ call: /^GET \/message\/inbox\?/, rewrite });
    await sendOrder();
    const bridge = await rig.start();
    await until('two rounds failed', () => (trick.hits >= 2 ? true : undefined));
    // Poll and sweep ask side by side, so the two answers may both be on their way to the one who judges them.
    await until(
      '/readyz names what was asked',
      async () => {
        const { status, reasons } = await bridge.ready();
        return status === 503 &&
          reasons.some(({ part, reason }) => part === 'gateway' && reason.includes('inbox.list'))
          ? true
          : undefined;
      },
      { facts: () => bridge.lines.slice(-10) },
    );
    expect(await rig.unread()).toEqual(['<bad@acme>']);
    trick.end();
    await rig.done(1);
    expect(arrived()).toEqual(['order.x12']);
    // A sweep that was under way meanwhile may have been answered falsely after that.
    await until('ready', async () => ((await bridge.ready()).status === 200 ? true : undefined));
  },
);

test('the answer to a submit is garbage: looked for, adopted, and not sent again', async () => {
  rig.gatewayProxy.play({ call: /^POST \/message\/submit/, rewrite: garbage });
  await sendOrder();
  await rig.start();
  const [message] = await rig.done(1);
  expect(message!.deliveries[0]!.state).toBe('delivered');
  expect(arrived()).toEqual(['order.x12']);
  expect(rig.gateway.calls['POST /message/submit']).toBe(1);
});

test('what became of a submit cannot be read: held as unknown, and not sent again', async () => {
  rig.gatewayProxy.play({ call: /^GET \/message\/outbox\/%3C/i, rewrite: garbage });
  await sendOrder();
  await rig.start();
  const [message] = await rig.done(1);
  expect(message!.obligations).toEqual([
    expect.objectContaining({
      place: 'held',
      reasons: [{ code: 'delivery-unknown', text: expect.stringContaining('outbox.get') }],
    }),
  ]);
  expect(rig.gateway.calls['POST /message/submit']).toBe(1);
});

test('a receipt that says "failed" is no delivery', async () => {
  rig.gatewayProxy.play({
    call: /^GET \/message\/outbox\/%3C/i,
    rewrite: (answer) =>
      answer.body.includes('"Sent"')
        ? {
            body: Buffer.from(
              answer.body
                .toString()
                .replace(/(MDN-sent-automatically;\s?)processed/, '$1processed/error: decryption-failed'),
            ),
          }
        : {},
  });
  await sendOrder();
  await rig.start();
  const [message] = await rig.done(1);
  expect(message!.obligations[0]).toMatchObject({
    place: 'dead-letter',
    reasons: [{ code: 'delivery-failed' }],
  });
});
