import type { Routes } from '../routes';
import type { ControlContext } from './control-context';
import { ControlError } from './control-error';
import { asFields } from './read-body';

/** `/clock`: time passes at once. */
export function addClockRoutes(routes: Routes, { clocks, gateway }: ControlContext): void {
  const view = (): object => ({ gateway: clocks.gateway.now(), scanner: clocks.scanner.now() });
  routes.add('GET', '/clock', (_request, response) => void response.json(view()));
  routes.add('POST', '/clock', async (request, response) => {
    const { advanceMs, service = 'both' } = asFields(request.body);
    if (typeof advanceMs !== 'number' || !Number.isFinite(advanceMs))
      throw new ControlError(400, '`advanceMs` must be a number of ms.');
    if (service !== 'both' && service !== 'gateway' && service !== 'scanner')
      throw new ControlError(400, '`service` must be gateway or scanner, or be left out for both.');
    clocks[service].advance(advanceMs);
    // Whoever moves the clock finds all done that became due by it.
    await gateway.webhooks.flush();
    response.json(view());
  });
}
