import type { ServiceName } from '../telemetry/activity';
import type { Breaker } from './breaker';
import { createBreaker } from './breaker';
import type { PipelineContext } from './context';
import type { Answering } from './feed-breaker';
import { feedBreaker } from './feed-breaker';

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
  const open = (service: ServiceName): Breaker => {
    const breaker = createBreaker({
      service,
      now,
      monotonic,
      random,
      onChange: (why) => {
        if (why === null) {
          activity.serviceUp(service);
          log.info({ service }, `the ${service} answers again: what waits for it goes on`);
        } else {
          // One that answers, but only that it is broken, is down for whoever looks at /readyz as well.
          activity.serviceDown(service, why);
          log.warn({ service, why }, `the ${service} is left alone for a while: what needs it waits`);
        }
        wake();
      },
    });
    feedBreaker(services[service].client, services[service].baseUrl, breaker);
    return breaker;
  };
  return { gateway: open('gateway'), scanner: open('scanner') };
}
