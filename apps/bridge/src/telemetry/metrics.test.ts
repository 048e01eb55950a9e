import type { Message } from '../domain/message';
import type { Obligation } from '../domain/obligation';
import { createActivity } from './activity';
import { createMetrics } from './metrics';

function making(): {
  metrics: ReturnType<typeof createMetrics>;
  counts: { states: Record<string, number> };
  activity: ReturnType<typeof createActivity>;
} {
  const counts = { states: { scanning: 2, held: 1 } as Record<string, number> };
  const activity = createActivity({ now: () => 0 });
  const metrics = createMetrics({
    version: '1.2.3',
    activity,
    sources: {
      messagesByState: () => Promise.resolve(counts.states),
      dueByKind: () => Promise.resolve({ scan: 3 }),
      intakeFailures: () => Promise.resolve(4),
    },
  });
  return { metrics, counts, activity };
}

/** The value of a sample; undefined where it is not there. */
async function sample(metrics: ReturnType<typeof createMetrics>, name: string): Promise<number | undefined> {
  const line = (await metrics.scrape())
    .split('\n')
    .find((candidate) => candidate.startsWith(`mft_bridge_${name} `));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')));
}

const obligation = (place: Obligation['place']): Obligation => ({
  id: 'o',
  attachmentId: 'a',
  destination: 'd',
  place,
  reasons: [],
  deliveryId: null,
});
const message = (places: Obligation['place'][], resends = 0): Message =>
  ({ station: 'HUB', resends, obligations: places.map(obligation) }) as unknown as Message;

test('transitions are counted by what changed, each once', async () => {
  const { metrics } = making();
  expect(await sample(metrics, 'obligations_total{place="held"}')).toBe(0);
  metrics.transition(null, message(['custody', 'custody']));
  metrics.transition(message(['custody', 'custody']), message(['delivered', 'held']));
  metrics.transition(message(['delivered', 'held']), message(['delivered', 'held'], 1));
  metrics.transition(message(['delivered', 'held'], 1), message(['delivered', 'delivered'], 1));
  expect(await sample(metrics, 'messages_taken_total{station="HUB"}')).toBe(1);
  expect(await sample(metrics, 'message_resends_total')).toBe(1);
  expect(await sample(metrics, 'obligations_total{place="delivered"}')).toBe(2);
  expect(await sample(metrics, 'obligations_total{place="held"}')).toBe(1);
  expect(await sample(metrics, 'obligations_total{place="quarantined"}')).toBe(0);
});

test('what the ledger holds is asked for at each scrape, and a state that became empty is forgotten', async () => {
  const { metrics, counts } = making();
  expect(await sample(metrics, 'messages{state="scanning"}')).toBe(2);
  expect(await sample(metrics, 'due_work{kind="scan"}')).toBe(3);
  expect(await sample(metrics, 'intake_failures')).toBe(4);
  counts.states = { held: 3 };
  expect(await sample(metrics, 'messages{state="scanning"}')).toBeUndefined();
  expect(await sample(metrics, 'messages{state="held"}')).toBe(3);
});

test('services, intake and transfers are as they are now', async () => {
  const { metrics, activity } = making();
  expect(await sample(metrics, 'service_up{service="scanner"}')).toBe(0);
  activity.serviceUp('scanner');
  activity.pauseIntake('disk full');
  const transfer = activity.begin({ stage: 'scan', gatewayMessageId: '<1>', name: 'n', total: 1 });
  expect(await sample(metrics, 'service_up{service="scanner"}')).toBe(1);
  expect(await sample(metrics, 'intake_paused')).toBe(1);
  expect(await sample(metrics, 'transfers{stage="scan"}')).toBe(1);
  transfer.end();
  activity.resumeIntake();
  expect(await sample(metrics, 'intake_paused')).toBe(0);
  expect(await sample(metrics, 'transfers{stage="scan"}')).toBe(0);
});

test('steps, bytes and retries; and what every process shows', async () => {
  const { metrics } = making();
  metrics.step('scan', 'done', 1_500);
  metrics.bytes('fetch', 10);
  metrics.bytes('fetch', 5);
  metrics.retry('deliver');
  expect(await sample(metrics, 'stage_duration_seconds_sum{stage="scan",outcome="done"}')).toBe(1.5);
  expect(await sample(metrics, 'stage_duration_seconds_bucket{le="1",stage="scan",outcome="done"}')).toBe(0);
  expect(await sample(metrics, 'stage_duration_seconds_bucket{le="2.5",stage="scan",outcome="done"}')).toBe(
    1,
  );
  expect(await sample(metrics, 'transfer_bytes_total{stage="fetch"}')).toBe(15);
  expect(await sample(metrics, 'retries_total{stage="deliver"}')).toBe(1);
  const text = await metrics.scrape();
  expect(text).toContain('process_resident_memory_bytes ');
  expect(text).toContain(`mft_bridge_build_info{version="1.2.3",node="${process.version}"} 1`);
  expect(metrics.contentType).toMatch(/^text\/plain/);
});

test('two bridges in one process do not meet', async () => {
  const [one, two] = [making().metrics, making().metrics];
  one.retry('scan');
  expect(await sample(two, 'retries_total{stage="scan"}')).toBeUndefined();
});
