import type { Delivery } from './delivery';
import type { Message } from './message';
import { isDecided } from './message';
import type { MessageEvent } from './message-event';
import type { Obligation } from './obligation';
import { advanceObligation, IllegalTransitionError } from './obligation';

/**
 * A decision, written into the obligations that wait for one. In mode observe all of them end as `observed`, with what
 * would have been done. Pure. @throws IllegalTransitionError
 */
export function applyDecision(
  message: Message,
  event: Omit<Extract<MessageEvent, { type: 'decided' }>, 'type'>,
): Message {
  if (isDecided(message)) throw new IllegalTransitionError(`message ${message.id} is decided already`);
  const decisions = new Map(event.decisions.map((decision) => [decision.attachmentId, decision]));
  const travels = new Map(
    event.deliveries.flatMap(({ id, obligationIds }) =>
      obligationIds.map((obligation) => [obligation, id] as const),
    ),
  );
  const obligations = message.obligations.map((obligation): Obligation => {
    if (obligation.place !== 'custody' || obligation.deliveryId !== null) return obligation;
    const decision = decisions.get(obligation.attachmentId ?? '');
    if (decision === undefined)
      throw new IllegalTransitionError(`obligation ${obligation.id} was not decided`);
    if (message.mode === 'observe') {
      return advanceObligation(obligation, { type: 'observed', reasons: decision.reasons });
    }
    switch (decision.verdict) {
      case 'quarantine':
        return advanceObligation(obligation, { type: 'quarantined', reasons: decision.reasons });
      case 'hold':
        return advanceObligation(obligation, { type: 'held', reasons: decision.reasons });
      default: {
        const deliveryId = travels.get(obligation.id);
        if (deliveryId === undefined)
          throw new IllegalTransitionError(`obligation ${obligation.id} has no delivery`);
        return { ...obligation, deliveryId };
      }
    }
  });
  const deliveries = event.deliveries.map(({ id, destination }): Delivery => ({
    id,
    destination,
    state: 'due',
    intendedAt: null,
    sendBy: null,
    remoteId: null,
    proof: null,
  }));
  return {
    ...message,
    policyVersion: event.policyVersion,
    obligations,
    deliveries: [...message.deliveries, ...deliveries],
  };
}
