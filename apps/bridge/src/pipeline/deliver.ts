import type { Abandoned, DeliveryOutcome } from '../destinations/destination';
import type { Message } from '../domain/message';
import type { MessageEvent } from '../domain/message-event';
import { reason } from '../domain/reason';
import type { DueWork } from '../ledger/ledger';
import type { ServiceName } from '../telemetry/activity';
import { publishStep } from '../telemetry/steps';
import { waitByAge } from './backoff';
import { deliverySteps, discardDelivery, fateOfDelivery, loadDelivery } from './consignment';
import type { PipelineContext } from './context';
import { waitForTurn } from './in-order';
import type { Lane } from './lane';
import { record } from './record';
import { isScanDoubtful } from './scan-doubt';
import { withholdDelivery } from './withhold-delivery';
import type { StageHandler, StageResult } from './stage';

/** Hands one delivery over. */
export function createDeliverStage(context: PipelineContext): StageHandler {
  return deliveryStage(context, 'deliver', context.settings.delivery.deadlineMs);
}

/** The stages that talk to a destination differ in the question only: hand over, ask what became of it, or look for it. */
export function deliveryStage(
  context: PipelineContext,
  question: 'deliver' | 'confirm' | 'reconcile',
  deadlineMs: number,
): StageHandler {
  const { activity, ledger } = context;

  async function run(work: DueWork, signal: AbortSignal): Promise<StageResult> {
    const loaded = await loadDelivery(context, work);
    const { message, delivery, destination, consignment, change } = loaded;
    if (delivery.state === 'delivered' || delivery.state === 'failed' || !mayAsk(message, delivery.id)) {
      await ledger.due.finish(work);
      return { type: 'done' };
    }
    if (question === 'deliver' && delivery.state === 'submitted') {
      // A submission is answered for by `confirm`, which is due already.
      await ledger.due.finish(work);
      return { type: 'done' };
    }
    // Whatever its route says of what is unknown: it was not even looked for.
    if (change !== null) return question === 'reconcile' ? unasked(work, change) : hold(work, change);
    // Where nothing has left yet. What has is seen to its end: nobody else would.
    const isHere = question === 'deliver' && (delivery.state === 'due' || delivery.state === 'staged');
    if (isHere && (await isScanDoubtful(context, message))) return withholdDelivery(context, work, loaded);
    // What was staged may have appeared before a crash: only its destination can tell.
    const refusal = isHere && delivery.state === 'due' ? context.forwardingRefusal() : null;
    if (refusal !== null) return unasked(work, refusal);
    const turn =
      question === 'deliver' && delivery.state === 'due' ? await waitForTurn(context, message) : null;
    if (turn !== null) return unasked(work, turn);
    const bytes = consignment.parcels.reduce((sum, { size }) => sum + size, 0);
    const transfer =
      question !== 'deliver'
        ? null
        : activity.begin({
            stage: 'deliver',
            messageId: message.id,
            gatewayMessageId: message.gatewayId,
            name: consignment.parcels.map(({ name }) => name).join(', '),
            total: bytes,
          });
    try {
      const steps = deliverySteps(context, work, (sent) => transfer?.progress(sent), signal);
      publishStep({ stage: question, point: 'begin', subject: delivery.id });
      const outcome = await destination[question](consignment, steps);
      publishStep({ stage: question, point: outcome.type, subject: delivery.id });
      if (question === 'deliver' && (outcome.type === 'submitted' || outcome.type === 'delivered')) {
        context.metrics.bytes('deliver', bytes);
      }
      return await conclude(work, message, outcome);
    } finally {
      transfer?.end();
    }
  }

  async function conclude(work: DueWork, message: Message, outcome: DeliveryOutcome): Promise<StageResult> {
    const deliveryId = work.subject;
    if (outcome.type === 'again') return later(work, outcome.why);
    // Held already: it is looked for until the time for that is over.
    if (outcome.type === 'unknown' && question === 'reconcile')
      return later(work, 'not found at the destination so far');
    if (outcome.type === 'lost') {
      await record(context, work.messageId, () => [
        { type: 'send-ended', deliveryId, at: context.now(), why: outcome.why },
      ]);
      return later(work, outcome.why, outcome.cause);
    }
    if (outcome.type === 'not-sent') {
      await record(context, work.messageId, () => [{ type: 'withdrawn', deliveryId, why: outcome.why }]);
      // Counts no try: a destination that is away for an hour must not turn everything into dead letters. The deadline ends it.
      return later(work, outcome.why, outcome.cause);
    }
    if (outcome.type === 'unknown' && question === 'deliver' && onUnknown(message) === 'resend') {
      await record(context, work.messageId, () => [
        {
          type: 'withdrawn',
          deliveryId,
          why: 'not found at the destination; this route sends again (at least once)',
        },
      ]);
      return later(work, 'not found at the destination: sent again, as the route says');
    }
    await record(context, work.messageId, () => [outcomeEvent(deliveryId, outcome)], {
      done: work,
      delayMs: ({ kind }) => (kind === 'confirm' ? context.settings.delivery.confirmPollMs : 0),
    });
    return { type: 'done' };
  }

  async function hold(work: DueWork, why: string): Promise<StageResult> {
    const unknown = { type: 'unknown', reasons: [reason('delivery-unknown', why)] } as const;
    await record(
      context,
      work.messageId,
      (message) => (isOwed(message, work.subject) ? [outcomeEvent(work.subject, unknown)] : []),
      { done: work },
    );
    return { type: 'done' };
  }

  /** A delivery that was lost may be found, and confirmed, while its obligations are held. */
  function mayAsk(message: Message, deliveryId: string): boolean {
    const places = question === 'deliver' ? ['custody'] : ['custody', 'held'];
    return message.obligations.some(
      (obligation) => obligation.deliveryId === deliveryId && places.includes(obligation.place),
    );
  }

  function onUnknown(message: Message): 'hold' | 'resend' {
    return context.routes.find(({ name }) => name === message.route)?.onUnknown ?? 'hold';
  }

  function later(work: DueWork, why: string, cause?: unknown): Extract<StageResult, { type: 'later' }> {
    const first = context.settings.delivery.confirmPollMs;
    const bounds = { firstMs: first, maxMs: Math.max(first, question === 'reconcile' ? 900_000 : 30_000) };
    const delayMs = waitByAge(context.now() - work.since, bounds, context.random());
    return { type: 'later', delayMs, why, failed: false, cause };
  }

  const unasked = (work: DueWork, why: string): StageResult => ({ ...later(work, why), unasked: true });

  /** A folder waits for no service. */
  async function serviceOf(work: DueWork): Promise<ServiceName | null> {
    const message = await ledger.messages.load(work.messageId);
    const delivery = message?.deliveries.find(({ id }) => id === work.subject);
    const kind = delivery && context.destinations.get(delivery.destination)?.kind;
    return kind === 'as2' ? 'gateway' : null;
  }

  /** A submission whose answer was lost is searched for: that may well work where submissions do not. */
  async function laneOf(work: DueWork): Promise<Lane> {
    const message = await ledger.messages.load(work.messageId);
    const state = message?.deliveries.find(({ id }) => id === work.subject)?.state;
    return question === 'deliver' && state === 'intended' ? 'reconcile' : question;
  }

  return {
    run,
    deadlineMs,
    tries: context.settings.delivery.tries,
    service: 'gateway',
    serviceOf,
    laneOf,
    async giveUp(work, { text, overdue, damaged }) {
      if (question === 'reconcile') {
        await record(context, work.messageId, (message) => searchEnded(message, work.subject, text), {
          done: work,
        });
        return;
      }
      const loaded = await loadDelivery(context, work).catch(() => undefined);
      const fate = await fateOfDelivery(context, work);
      await record(
        context,
        work.messageId,
        (message) => giveUpEvents(message, work.subject, { text, overdue, damaged, fate }),
        { done: work },
      );
      if (fate.type === 'nothing' && loaded !== undefined) await discardDelivery(context, loaded);
    },
  };
}

/** It stays held, with the reason that it has. */
function searchEnded(message: Message, deliveryId: string, why: string): readonly MessageEvent[] {
  const unknown = message.deliveries.some(({ id, state }) => id === deliveryId && state === 'unknown');
  return unknown ? [{ type: 'search-ended', deliveryId, why }] : [];
}

function outcomeEvent(
  deliveryId: string,
  outcome: Exclude<DeliveryOutcome, { type: 'again' | 'lost' | 'not-sent' }>,
): MessageEvent {
  switch (outcome.type) {
    case 'submitted':
      return { type: 'submitted', deliveryId, remoteId: outcome.remoteId };
    case 'delivered':
      return { type: 'delivered', deliveryId, proof: outcome.proof };
    case 'failed':
      return { type: 'delivery-failed', deliveryId, reasons: outcome.reasons };
    case 'unknown':
      return { type: 'delivery-unknown', deliveryId, reasons: outcome.reasons };
  }
}

/** Where the bytes may have left, giving up is `unknown` and held; where they have not, it is a dead letter. Pure. */
export function giveUpEvents(
  message: Message,
  deliveryId: string,
  { text, overdue, damaged, fate }: { text: string; overdue: boolean; damaged: boolean; fate: Abandoned },
): readonly MessageEvent[] {
  if (!isOwed(message, deliveryId)) return [];
  if (fate.type === 'delivered') return [{ type: 'delivered', deliveryId, proof: fate.proof }];
  // Not a dead letter: the bytes may be put back. And nothing to be searched for, where nothing has left.
  if (damaged) {
    const type = fate.type === 'unclear' ? 'delivery-unknown' : 'withheld';
    return [{ type, deliveryId, reasons: [reason('custody-damaged', text)] }];
  }
  if (fate.type === 'unclear') {
    const why = reason(overdue ? 'delivery-overdue' : 'delivery-unknown', text);
    return [{ type: 'delivery-unknown', deliveryId, reasons: [why] }];
  }
  const why = reason(overdue ? 'delivery-overdue' : 'tries-exhausted', text);
  return [{ type: 'delivery-failed', deliveryId, reasons: [why] }];
}

function isOwed(message: Message, deliveryId: string): boolean {
  return message.obligations.some(
    (obligation) => obligation.deliveryId === deliveryId && obligation.place === 'custody',
  );
}
