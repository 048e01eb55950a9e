import type { BridgeConfig } from '../config/schema';
import type { Route } from '../domain/route';
import type { PipelineSettings } from './context';

/** The pipeline's limits and times out of the configuration. */
export function pipelineSettings({
  mode,
  gateway,
  intake,
  scanner,
  delivery,
}: BridgeConfig): PipelineSettings {
  return {
    mode,
    stations: gateway.stations,
    startFrom: intake.startFrom,
    maxAttachmentBytes: intake.maxAttachmentBytes,
    maxMessageBytes: intake.maxMessageBytes,
    highWaterMessages: intake.highWater.messages,
    highWaterBytes: intake.highWater.bytes,
    intakeConcurrency: intake.concurrency,
    intakeTries: intake.tries,
    scan: {
      deadlineMs: scanner.deadline,
      expiresAfterMs: scanner.expiresAfter,
      firstPollMs: scanner.poll.first,
      maxPollMs: scanner.poll.max,
      readBack: scanner.readBack,
    },
    delivery: {
      tries: delivery.tries,
      deadlineMs: delivery.deadline,
      confirmDeadlineMs: delivery.confirmDeadline,
      confirmPollMs: delivery.confirmPoll,
      sendWithinMs: delivery.sendWithin,
      searchForMs: delivery.searchFor,
    },
    retry: { baseMs: delivery.retry.base, maxMs: delivery.retry.max, tries: delivery.tries },
  };
}

/** A route of the configuration as the domain knows it. */
export function toRoute({
  name,
  match,
  destinations,
  onUnknown,
  readElsewhere,
  inOrder,
}: BridgeConfig['routes'][number]): Route {
  return { name, match, destinations, onUnknown, readElsewhere, inOrder };
}
