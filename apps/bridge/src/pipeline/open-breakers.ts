import type { ServiceName } from '../telemetry/activity';
import type { Breaker } from './breaker';
import { createBreaker } from './breaker';
import type { PipelineContext } from './context';
import type { Answering } from './feed-breaker';
import { feedBreaker } from './feed-breaker';
import type { Lane } from './lane';
import { laneWords } from './lane';

/** A breaker for each service, fed by what its client hears. */
export function openBreakers(
  services: Readonly<Record<ServiceName, { readonly client: Answering; readonly baseUrl: string }>>,
  {
    now,
    monotonic,
    random,
    log,
    activity,
    wake,
  }: Pick<PipelineContext, 'now' | 'monotonic' | 'random' | 'log' | 'activity' | 'wake'>,
): Readonly<Record<ServiceName, Breaker>> {
  function tellWhole(service: ServiceName, why: string | null): void {
    if (why === null) {
      activity.serviceUp(service);
      log.info({ service }, `the ${service} answers again: what waits for it goes on`);
    } else {
      // One that answers, but only that it is broken, is down for whoever looks at /readyz as well.
      activity.serviceDown(service, why);
      log.warn({ service, why }, `the ${service} is left alone for a while: what needs it waits`);
    }
  }

  function tellLane(service: ServiceName, lane: Lane, why: string | null): void {
    const what = laneWords(lane);
    // A copy that is not deleted expires by itself: no reason to call the bridge not ready.
    if (lane !== 'dispose') activity.impair(`${service}: ${what}`, why);
    if (why === null)
      log.info({ service, stage: lane }, `the ${service} answers ${what} again: what waits for it goes on`);
    else log.warn({ service, stage: lane, why }, `the ${service} fails at ${what}: they wait for a while`);
  }

  const open = (service: ServiceName): Breaker => {
    const breaker = createBreaker({
      service,
      now,
      monotonic,
      random,
      onChange: (lane, why) => {
        if (lane === null) tellWhole(service, why);
        else tellLane(service, lane, why);
        wake();
      },
    });
    const { client, baseUrl } = services[service];
    feedBreaker(client, baseUrl, {
      answered(operation) {
        activity.serviceUp(service);
        breaker.answered(operation);
      },
      answeredElsewhere: (operation) => breaker.answeredElsewhere(operation),
    });
    return breaker;
  };
  return { gateway: open('gateway'), scanner: open('scanner') };
}
