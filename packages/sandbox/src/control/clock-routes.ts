import type { Routes } from '../routes';
import type { SandboxClock } from '../sandbox-clock';
import type { ControlContext } from './control-app';
import { ControlError } from './control-error';
import { asFields } from './read-body';

/** The clocks of a sandbox: one that both services follow, and what either differs from it. */
export interface SandboxClocks {
  readonly both: SandboxClock;
  readonly gateway: SandboxClock;
  readonly scanner: SandboxClock;
}

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
