import type { As2GatewaySandbox, Fault, FaultRule, MetaDefenderSandbox } from '@mft-bridge/sandbox';
import type { Random } from './random';

/** What goes wrong between the bridge and both services, changed from time to time. */
export interface Weather {
  /** Other faults, drawn by chance; among them each time the lost answer of the next operation in turn. */
  change(random: Random): void;
  clear(): void;
  /** How often each kind struck, and how many operations lost an answer after their work was done. */
  facts(): Readonly<Record<string, number>>;
  /** Operations that were called and never lost an answer. */
  neverLost(): readonly string[];
}

const anyFault: readonly ((random: Random) => Fault)[] = [
  () => ({ kind: 'status', status: 429, retryAfter: { seconds: 1 } }),
  () => ({ kind: 'status', status: 500 }),
  () => ({ kind: 'status', status: 503 }),
  () => ({ kind: 'status', status: 500, afterWork: true }),
  () => ({ kind: 'status', status: 504, afterWork: true }),
  (random) => ({ kind: 'reset', when: random.pick(['before-body', 'mid-body', 'after-body'] as const) }),
  (random) => ({ kind: 'lost-answer', how: random.pick(['reset', 'close'] as const) }),
  () => ({ kind: 'trickle', bytes: 64, everyMs: 5 }),
  (random) => ({ kind: 'truncate', how: random.pick(['close', 'reset'] as const) }),
  (random) => ({ kind: 'garbage', where: random.pick(['body', 'wire'] as const) }),
  (random) => ({ kind: 'html', status: random.pick([200, 502]) }),
  (random) => ({ kind: 'html', status: 200, afterWork: random.chance(0.5) }),
  (random) => ({ kind: 'resize', by: random.pick([-1, 1, 7]) }),
  () => ({ kind: 'wrong-length', by: 3 }),
  () => ({ kind: 'flip-byte' }),
  () => ({ kind: 'reject-token' }),
  () => ({ kind: 'latency', ms: 20, jitterMs: 200 }),
];

/**
 * Whether a wrong answer can be told from a right one by what else is known. Neither service names a hash or a size of
 * what is downloaded, and the gateway's word about a message stands alone: other bytes there, with status and length
 * right, are TLS's to find.
 */
function isDetectable(fault: Fault, on: string, isGateway: boolean): boolean {
  const { kind } = fault;
  const isDownload = /\{bucket\}|\/file\/\{file_id\}$/.test(on);
  if (kind === 'flip-byte') return !isGateway && !isDownload;
  if (!isDownload) return true;
  if (kind === 'garbage') return fault.where === 'wire';
  if (kind === 'html') return fault.status !== 200;
  return kind !== 'resize';
}

export function createWeather(gateway: As2GatewaySandbox, scanner: MetaDefenderSandbox): Weather {
  const services = [gateway, scanner];
  const losses = new Map<string, { readonly hits: number }[]>();
  let turn = 0;

  const called = (): { service: As2GatewaySandbox | MetaDefenderSandbox; on: string }[] =>
    services.flatMap((service) =>
      Object.keys(service.calls)
        .filter((on) => !on.includes('(unknown)'))
        .map((on) => ({ service, on })),
    );

  function lose(service: As2GatewaySandbox | MetaDefenderSandbox, on: string, random: Random): void {
    const handle = service.faults.add({ on, fault: { kind: 'lost-answer' }, times: 1 + random.below(3) });
    losses.set(on, [...(losses.get(on) ?? []), handle]);
  }

  return {
    change(random) {
      for (const { faults } of services) faults.clear();
      const operations = called();
      if (operations.length === 0) return;
      // Each operation in its turn; the submit every time.
      for (let count = 0; count < 3; count += 1) {
        const { service, on } = operations[turn % operations.length] ?? random.pick(operations);
        turn += 1;
        lose(service, on, random);
      }
      lose(gateway, 'POST /message/submit', random);
      // Lost too, and nothing was done: what is found at the gateway then is another message's.
      const never: Fault = { kind: 'reset', when: 'after-body' };
      gateway.faults.add({ on: 'POST /message/submit', fault: never, times: 1 + random.below(3) });
      for (let count = 3 + random.below(6); count > 0; count -= 1) {
        const { service, on } = random.pick(operations);
        const fault = random.pick(anyFault)(random);
        // A session's token; a key that is refused for good would be no weather.
        if (service === gateway && random.chance(0.05))
          gateway.faults.add({ on: '*', fault: { kind: 'reject-token', forGood: true }, times: 1 });
        if (!isDetectable(fault, on, service === gateway)) continue;
        const rule: FaultRule = { on, fault, probability: 0.1 + random.next() * 0.5 };
        service.faults.add(rule);
      }
      // Silence costs half a minute each time: seldom.
      if (random.chance(0.1)) {
        const { service, on } = random.pick(operations);
        const where = random.pick(['request', 'headers', 'body'] as const);
        service.faults.add({ on, fault: { kind: 'stall', where }, times: 1 });
      }
    },
    clear() {
      for (const { faults } of services) faults.clear();
    },
    facts() {
      const counts: Record<string, number> = {};
      for (const { faults } of services)
        for (const { kind } of faults.hits) counts[kind] = (counts[kind] ?? 0) + 1;
      const lost = [...losses.values()].filter((handles) => handles.some(({ hits }) => hits > 0)).length;
      return { ...counts, 'operations that lost an answer': lost };
    },
    neverLost: () =>
      called()
        .map(({ on }) => on)
        .filter((on) => !(losses.get(on) ?? []).some(({ hits }) => hits > 0)),
  };
}
