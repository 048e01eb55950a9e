import { reason } from '../domain/reason';
import { changing, sampleMessage, weighed } from '../ledger/test/sample-message';
import type { DueWork } from '../ledger/ledger';
import { viewMessageDetail } from './message-detail';
import { viewMessage } from './message-view';

const { message } = sampleMessage('m', { destinations: ['warehouse', 'archive'] });
const work = (kind: DueWork['kind'], dueAt: number, why: string | null): DueWork => ({
  id: `${kind}-${String(dueAt)}`,
  kind,
  subject: 's',
  messageId: message.id,
  dueAt,
  since: 1,
  attempts: 2,
  epoch: 1,
  revision: 0,
  why,
});

test('what is due and has no reason is not waiting; of the rest, the next one is shown', () => {
  const waiting = [
    work('scan', 5, null),
    work('deliver', 30, 'gateway away'),
    work('scan', 20, 'scanner away'),
  ];
  expect(viewMessage({ message, state: 'scanning', waiting }).waiting).toEqual({
    stage: 'scan',
    why: 'scanner away',
    dueAt: 20,
  });
  expect(viewMessage({ message, state: 'scanning', waiting: [work('scan', 5, null)] })).not.toHaveProperty(
    'waiting',
  );
  expect(
    viewMessageDetail({ message, state: 'scanning', waiting }, []).work.map(({ stage, dueAt }) => [
      stage,
      dueAt,
    ]),
  ).toEqual([
    ['scan', 5],
    ['scan', 20],
    ['deliver', 30],
  ]);
});

test('reasons are the union over all obligations, destinations are named once', () => {
  const reasons = [reason('too-large', '5 GB'), reason('no-attachment')];
  const held = {
    ...message,
    obligations: message.obligations.map((one) => ({ ...one, place: 'held' as const, reasons })),
  };
  const view = viewMessage({ message: held, state: 'held', waiting: [] });
  expect(held.obligations).toHaveLength(4);
  expect(view.reasons).toEqual(reasons);
  expect(view.destinations).toEqual(['warehouse', 'archive']);
});

test('an attachment has a verdict once it was weighed, and no view names a key of the custody store', () => {
  const [first] = message.attachments;
  const { after } = changing(message, [weighed(message, first!.id)]);
  const view = viewMessageDetail({ message: after, state: 'scanning', waiting: [] }, []);
  expect(view.attachments.map(({ verdict }) => verdict)).toEqual(['cleared', undefined]);
  expect(JSON.stringify(view)).not.toContain('custody-m-');
});
