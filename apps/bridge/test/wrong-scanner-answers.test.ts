/**
 * One answer of the scanner is falsified. The message is tried again, then held; nothing of it is forwarded, and the
 * reason names the operation or what does not fit.
 */
import type { FaultRig } from './rig/fault-rig';
import { openFaultRig } from './rig/fault-rig';
import { falsify } from './rig/falsify';
import { purchaseOrder, scriptedSvg } from './rig/partner-samples';
import type { Answer, Trick } from './rig/rewriting-proxy';

jest.setTimeout(180_000);

const { garbage, html, edit, without } = falsify;
const tries = 3;
const changes = { delivery: { tries, retry: { base: '10ms', max: '50ms' } } };

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

describe('an answer of the scanner: the message is held, and nothing of it is forwarded', () => {
  const status = /^GET \/vault_rest\/file\/status\//;
  const cases: [string, Trick, string, RegExp][] = [
    [
      'no JSON when a transfer is opened',
      { call: /^GET \/vault_rest\/transfer(\?|$)/, rewrite: garbage },
      'scanner-unreadable',
      /transfers\.open/,
    ],
    [
      'HTML when a transfer is opened',
      { call: /^GET \/vault_rest\/transfer(\?|$)/, rewrite: html },
      'scanner-unreadable',
      /transfers\.open/,
    ],
    [
      'no file id',
      { call: /^GET \/vault_rest\/transfer_file(\?|$)/, rewrite: edit(() => ({})) },
      'scanner-unreadable',
      /transferFiles\.open/,
    ],
    ['no JSON for the status', { call: status, rewrite: garbage }, 'scanner-unreadable', /files\.status/],
    [
      'a status without a state',
      { call: status, rewrite: edit(({ file_id }) => ({ file_id })) },
      'scanner-unreadable',
      /files\.status/,
    ],
    [
      'a status of another file',
      { call: status, rewrite: edit((json) => ({ ...json, file_id: 'f'.repeat(32) })) },
      'scanner-unreadable',
      /files\.status/,
    ],
    [
      'another name',
      { call: status, rewrite: edit((json) => ({ ...json, name: 'other.x12' })) },
      'evidence-mismatch',
      /name/,
    ],
    [
      'a copy name',
      {
        call: status,
        rewrite: edit((json) => ({ ...json, name: String(json['name']).replace('.', '-Copy(1).') })),
      },
      'evidence-mismatch',
      /name/,
    ],
    ['no name', { call: status, rewrite: without('name') }, 'evidence-mismatch', /name/],
    [
      'another size',
      { call: status, rewrite: edit((json) => ({ ...json, size: 1 })) },
      'evidence-mismatch',
      /size/,
    ],
    ['no size', { call: status, rewrite: without('size') }, 'evidence-mismatch', /size/],
    [
      'available, and blocked by the workflow',
      {
        call: status,
        rewrite: edit((json) => ({
          ...json,
          scan_result: { ...(json['scan_result'] as object), workflow_result: 'Blocked' },
        })),
      },
      'scanner-held',
      /blocked/,
    ],
    ['available without a result', { call: status, rewrite: without('scan_result') }, 'scanner-held', /./],
    [
      'available, and not to be downloaded',
      { call: status, rewrite: edit((json) => ({ ...json, can_be_downloaded: false })) },
      'scanner-held',
      /./,
    ],
    [
      'available, and waiting for approval',
      { call: status, rewrite: edit((json) => ({ ...json, supervisor_approval_state: 'Pending' })) },
      'scanner-held',
      /./,
    ],
    [
      'a state that nobody knows',
      { call: status, rewrite: edit((json) => ({ ...json, availability_state: 'Blessed' })) },
      'scanner-held',
      /Blessed/,
    ],
    [
      'plain, with the key of a sanitized file',
      {
        call: status,
        rewrite: edit((json) => ({ ...json, availability_state_key: 'FILE_STATE_SANITIZED' })),
      },
      'scanner-held',
      /./,
    ],
    [
      'whether it was sanitized is missing',
      { call: status, rewrite: without('is_sanitized') },
      'scanner-held',
      /./,
    ],
  ];

  test.each(cases)('%s', async (_name, trick, code, words) => {
    const final: Trick = { ...trick, ...(trick.rewrite === undefined ? {} : { rewrite: onlyFinal(trick) }) };
    const played = rig.scannerProxy.play(final);
    await sendOrder();
    await rig.start();
    const [message] = await rig.done(1);
    expect(message!.obligations).toEqual([expect.objectContaining({ place: 'held' })]);
    const [why] = message!.obligations[0]!.reasons;
    expect(why!.code).toBe(code);
    expect(why!.text).toMatch(words);
    if (code === 'scanner-unreadable') expect(played.hits).toBeGreaterThanOrEqual(tries);
    expect(arrived()).toEqual([]);
    expect(rig.gateway.calls['POST /message/submit']).toBeUndefined();
  });

  /** A pending status stays as it is: falsified is the one that would clear. */
  function onlyFinal({ call, rewrite }: Trick): (answer: Answer) => Partial<Answer> {
    return (answer) => {
      const pending = call === status && !answer.body.includes('"availability_state":"Available"');
      return pending ? {} : (rewrite?.(answer) ?? {});
    };
  }

  test.each([
    ['shorter than the status says', (body: Buffer) => body.subarray(1)],
    ['longer than the status says', (body: Buffer) => Buffer.concat([body, body])],
    ['empty', () => Buffer.alloc(0)],
  ])('sanitized bytes that are %s', async (_name, change) => {
    rig.scannerProxy.play({
      call: /^GET \/vault_rest\/file\/[0-9a-f]{32}(\?|$)/,
      rewrite: ({ body }) => ({ body: change(body) }),
    });
    await rig.gateway.partner('ACME').send({ attachments: [scriptedSvg()] });
    await rig.start();
    const [message] = await rig.done(1);
    expect(message!.obligations).toEqual([
      expect.objectContaining({
        place: 'held',
        reasons: [expect.objectContaining({ code: 'evidence-mismatch' })],
      }),
    ]);
    expect(arrived()).toEqual([]);
  });

  test('a verdict that changes while the sanitized bytes are read is asked for again, and decides nothing', async () => {
    let looks = 0;
    rig.scannerProxy.play({
      call: status,
      rewrite: (answer) => {
        if (!answer.body.includes('"availability_state":"Available"')) return {};
        looks += 1;
        return looks === 2 ? edit((json) => ({ ...json, size: 1 }))(answer) : {};
      },
    });
    await rig.gateway.partner('ACME').send({ attachments: [scriptedSvg()] });
    await rig.start();
    await rig.done(1);
    expect(arrived()).toEqual(['label.svg']);
    expect(looks).toBeGreaterThanOrEqual(4);
  });
});
