import type { Message } from '../domain/message';
import { isDecided } from '../domain/message';
import type { MessageEvent } from '../domain/message-event';
import type { AttachmentDecision, Policy } from '../domain/policy';
import { decide } from '../domain/policy';
import { reason } from '../domain/reason';
import type { DestinationTraits } from '../domain/route';
import type { PipelineContext } from './context';
import { record } from './record';
import type { StageHandler } from './stage';

/** Decides over a message once all its attachments are weighed. */
export function createDecideStage(context: PipelineContext): StageHandler {
  return {
    async run(work) {
      const ids = new Map<string, string>();
      const newId = (key: string): string => {
        // Kept over collisions, so that deciding anew decides the same.
        const id = ids.get(key) ?? context.newId();
        ids.set(key, id);
        return id;
      };
      await record(context, work.messageId, (message) => decideMessage(message, context, newId), {
        done: work,
      });
      return { type: 'done' };
    },
    async giveUp(work, { text }) {
      await record(
        context,
        work.messageId,
        (message) =>
          message.obligations.some(({ place }) => place === 'custody')
            ? [{ type: 'given-up', to: 'held', reasons: [reason('tries-exhausted', text)] }]
            : [],
        { done: work },
      );
    },
    deadlineMs: context.settings.scan.deadlineMs,
    tries: context.settings.retry.tries,
    service: null,
  };
}

/** The decision over a message as the event that states it; none while something is not weighed, or nothing is owed. */
export function decideMessage(
  message: Message,
  { policy, destinations }: { policy: Policy; destinations: ReadonlyMap<string, DestinationTraits> },
  newId: (key: string) => string,
): readonly MessageEvent[] {
  if (isDecided(message)) return [];
  const weighed = message.attachments.flatMap(({ id, media, scan }) =>
    scan.evidence === null ? [] : [{ attachmentId: id, media, evidence: scan.evidence }],
  );
  if (weighed.length === 0 || weighed.length !== message.attachments.length) return [];
  const decisions = decide(weighed, policy);
  if (message.mode === 'observe') return [{ type: 'observed', policyVersion: policy.version, decisions }];
  const deliveries = decisions.every(
    ({ verdict }) => verdict === 'forward' || verdict === 'forward-sanitized',
  )
    ? planDeliveries(message, destinations, newId)
    : [];
  if (deliveries === null) {
    // A destination that the route named when the message was taken is no longer configured.
    const held = decisions.map(({ attachmentId }): AttachmentDecision => ({
      attachmentId,
      verdict: 'hold',
      reasons: [reason('no-route')],
    }));
    return [{ type: 'decided', policyVersion: policy.version, decisions: held, deliveries: [] }];
  }
  return [{ type: 'decided', policyVersion: policy.version, decisions, deliveries }];
}

type Planned = Extract<MessageEvent, { type: 'decided' }>['deliveries'][number];

/** One delivery a destination where messages travel as a whole, one an attachment elsewhere; null where one is unknown. */
function planDeliveries(
  message: Message,
  destinations: ReadonlyMap<string, DestinationTraits>,
  newId: (key: string) => string,
): Planned[] | null {
  const plan = new Map<string, { id: string; destination: string; obligationIds: string[] }>();
  for (const obligation of message.obligations) {
    if (obligation.place !== 'custody' || obligation.deliveryId !== null) continue;
    const traits = destinations.get(obligation.destination ?? '');
    if (traits === undefined) return null;
    const key = traits.unit === 'message' ? traits.name : `${traits.name}/${obligation.id}`;
    const planned = plan.get(key) ?? { id: newId(key), destination: traits.name, obligationIds: [] };
    planned.obligationIds.push(obligation.id);
    plan.set(key, planned);
  }
  return [...plan.values()];
}
