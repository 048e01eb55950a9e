import type { BridgeView } from './bridge-api';
import { drawRows } from './rows';
import { drawTable, fit } from './table';

const attachments = [{ name: 'a.bin', size: 10, sha256: 'a' }];
const scene = { title: 'a file', messageId: '<1>', expected: 'forwarded' as const };
const view = (
  change: Partial<BridgeView['messages'][number]> = {},
  activity: Partial<BridgeView['activity']> = {},
): BridgeView => ({
  messages: [
    {
      id: 'm',
      gatewayMessageId: '<1>',
      partner: 'ACME',
      state: 'scanning',
      reasons: [],
      attachments,
      resends: 0,
      ...change,
    },
  ],
  activity: { transfers: [], services: [], intake: { paused: false }, ...activity },
});
const row = (with_: BridgeView | undefined) => drawRows([{ scene, attachments }], with_)[0];

describe('drawRows', () => {
  test('not sent, at the gateway, and why it waits there', () => {
    expect(drawRows([{ scene, attachments: null }], view())[0]).toMatchObject({
      status: 'not sent',
      final: false,
    });
    expect(row(undefined)).toMatchObject({ status: 'at the gateway', detail: 'the bridge is down' });
    const away = view(
      { gatewayMessageId: '<2>' },
      { services: [{ name: 'gateway', up: false, reason: 'connection refused' }] },
    );
    expect(row(away)).toMatchObject({
      status: 'at the gateway',
      detail: 'gateway is away: connection refused',
    });
  });
  test('a waiting scan says why, a moving one shows how far', () => {
    const waiting = view({ waiting: { stage: 'scan', why: 'connection refused', dueAt: 0 } });
    expect(row(waiting)).toMatchObject({ status: 'scanning', detail: 'connection refused' });
    const moving = view(
      {},
      { transfers: [{ stage: 'scan', gatewayMessageId: '<1>', name: 'a.bin', bytes: 5, total: 10 }] },
    );
    expect(row(moving)).toMatchObject({ progress: 0.5, final: false });
  });
  test.each(['forwarded', 'quarantined', 'held'])('%s is final', (state) => {
    expect(row(view({ state }))).toMatchObject({ status: state, final: true });
  });
  test('the same message again is a duplicate once the bridge has seen it, not before', () => {
    const twice = [
      { scene, attachments },
      { scene, attachments },
    ];
    expect(drawRows(twice, view({ state: 'forwarded' }))[1]).toMatchObject({
      status: 'at the gateway',
      final: false,
    });
    expect(drawRows(twice, view({ state: 'forwarded', resends: 1 }))[1]).toMatchObject({
      status: 'duplicate',
      final: true,
    });
  });
  test('the same id with other bytes is another message', () => {
    const other = { scene, attachments: [{ name: 'a.bin', size: 10, sha256: 'b' }] };
    expect(drawRows([{ scene, attachments }, other], view({ state: 'forwarded' }))[1]).toMatchObject({
      final: false,
    });
  });
});

describe('drawTable', () => {
  test('a wrong outcome is marked, and no line is wider than the terminal', () => {
    const rows = drawRows(
      [{ scene, attachments }],
      view({ state: 'held', reasons: [{ code: 'x', text: '很长的理由'.repeat(40) }] }),
    );
    const lines = drawTable(rows, 100);
    expect(lines[1]).toContain('! held');
    expect(lines[1]?.length).toBeLessThanOrEqual(120);
  });
  test('what partners wrote cannot move the cursor', () => {
    expect(fit('a\u001b[2Jb\u202ec\n', 20)).toBe('a [2Jb c ');
    expect(fit('ab', 2)).toBe('ab');
    expect(fit('abc', 2)).toBe('a…');
  });
});
