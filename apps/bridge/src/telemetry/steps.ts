import diagnosticsChannel from 'node:diagnostics_channel';
import type { Stage } from '../domain/message-event';

/** The channel that every step of the way is announced on. */
export const stepChannelName = 'mft-bridge:step';

/** One named point on the way of a message. */
export interface Step {
  /** `record` is any write to the ledger that a stage makes. */
  readonly stage: Stage | 'intake' | 'fetch' | 'record';
  /** `begin`, `before:taken`, `after:taken`, ... */
  readonly point: string;
  /** Id of what the step is about: a message, an attachment, a delivery, or the gateway's message id before custody. */
  readonly subject: string;
}

const channel = diagnosticsChannel.channel(stepChannelName);

/**
 * Announces a step. Costs nothing while nobody listens, and listeners cannot change the outcome: the test that
 * kills the process at every point, and a tracer, subscribe from a module that is loaded before the program.
 *
 * @example
 * publishStep({ stage: 'fetch', point: 'deposited', subject: gatewayMessageId });
 */
export function publishStep(step: Step): void {
  if (channel.hasSubscribers) channel.publish(step);
}
