import { allMessages } from './all-messages';
import type { ChaosRig } from './chaos-rig';

/** Notes each submit that the gateway sees from now on. */
export interface SubmitWatch {
  /** Those that lie within the time of no intent: nobody had the right to send then. */
  late(): Promise<readonly string[]>;
}

/** @param toleranceMs what may lie between the write of a request and the moment at which the service notes it */
export function watchSubmits(rig: ChaosRig, toleranceMs: number): SubmitWatch {
  const submits: number[] = [];
  rig.gateway.onCall(({ operation, phase, at }) => {
    if (operation === 'POST /message/submit' && phase === 'received') submits.push(at);
  });
  return {
    async late() {
      const intents = await rig.withLedger(async (reader) => {
        const times: { at: number; sendBy: number }[] = [];
        for (const { message } of await allMessages(reader))
          for (const { event } of await reader.messages.timeline(message.id))
            if (event.type === 'intended') times.push({ at: event.at, sendBy: event.sendBy });
        return times;
      });
      return submits.flatMap((at) =>
        (intents ?? []).some((intent) => intent.at - toleranceMs <= at && at <= intent.sendBy + toleranceMs)
          ? []
          : [`a submit came at ${new Date(at).toISOString()}, after the time of every intent was over`],
      );
    },
  };
}
