import type { FaultHandle } from '../faults/fault';
import type { Routes } from '../routes';
import type { ControlContext } from './control-context';
import { ControlError } from './control-error';
import { asFields, checked } from './read-body';

type Service = 'gateway' | 'scanner';

/** `/faults`: what is to go wrong. Ids are `gateway.fault-1`. */
export function addFaultRoutes(routes: Routes, context: ControlContext): void {
  const services = { gateway: context.gateway.faults, scanner: context.scanner.faults };
  const names = Object.keys(services) as readonly Service[];
  const view = (service: Service, { id, rule, hits }: FaultHandle): object => ({
    id: `${service}.${id}`,
    service,
    hits,
    ...rule,
  });

  routes.add('GET', '/faults', (_request, response) => {
    response.json({
      seeds: Object.fromEntries(names.map((name) => [name, services[name].seed])),
      faults: names.flatMap((name) => services[name].active.map((fault) => view(name, fault))),
    });
  });

  routes.add('POST', '/faults', (request, response) => {
    const { service, ...rule } = asFields(request.body);
    if (service !== undefined && service !== 'gateway' && service !== 'scanner')
      throw new ControlError(400, '`service` must be gateway or scanner, or be left out for both.');
    const wanted: readonly Service[] = service === undefined ? names : [service];
    const added: object[] = [];
    let refused: unknown;
    for (const name of wanted)
      try {
        added.push(view(name, services[name].add(rule as never)));
      } catch (error) {
        refused = error;
      }
    // Without a service the rule may well name an operation of one of them only.
    if (added.length === 0)
      checked(() => {
        throw refused;
      });
    response.json({ faults: added });
  });

  routes.add('DELETE', '/faults', (_request, response) => {
    for (const name of names) services[name].clear();
    response.json({ faults: [] });
  });

  routes.add('DELETE', '/faults/{id}', (request, response) => {
    const id = String(request.params['id']);
    const found = names
      .flatMap((name) => services[name].active.map((fault) => ({ name, fault })))
      .find(({ name, fault }) => `${name}.${fault.id}` === id);
    if (found === undefined) throw new ControlError(404, `There is no fault ${id}.`);
    found.fault.remove();
    response.json(view(found.name, found.fault));
  });
}
