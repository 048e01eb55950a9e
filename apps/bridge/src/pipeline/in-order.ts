import type { Message } from '../domain/message';
import type { PipelineContext } from './context';

/** What every wait for an earlier message begins with: by it the next in line is found. */
const waitsFor = (messageId: string): string => `waits for message ${messageId}, `;

type OrderContext = Pick<PipelineContext, 'ledger' | 'routes'>;

/**
 * Why a message must wait for its turn; null where its route asks for no order, or nothing stands before it. Only what is
 * still in work does: one that is held, quarantined or a dead letter waits for people, and would stop its partner for as
 * long as they take.
 */
export async function waitForTurn(
  { ledger, routes }: OrderContext,
  message: Message,
): Promise<string | null> {
  if (!isInOrder(routes, message)) return null;
  const earlier = await ledger.messages.findEarlierInWork(message);
  return earlier === undefined
    ? null
    : `${waitsFor(earlier)}which the gateway received earlier: this route keeps the order`;
}

/** Makes the function that is told of each message that is settled, and lets the one go on that waits for it. */
export function createTurns({
  ledger,
  routes,
  now,
  wake,
  log,
}: OrderContext & Pick<PipelineContext, 'now' | 'wake' | 'log'>): (settled: Message) => void {
  return (settled) => {
    if (!isInOrder(routes, settled)) return;
    ledger.due
      .hasten({ kinds: ['deliver'], why: waitsFor(settled.id), at: now() })
      .then(wake)
      // It looks again by itself, a little later.
      .catch((error: unknown) =>
        log.debug({ err: error }, 'the next message in line was not brought forward'),
      );
  };
}

function isInOrder(routes: PipelineContext['routes'], { route }: Message): boolean {
  return routes.find(({ name }) => name === route)?.inOrder === true;
}
