import type { Request } from 'express';
import type { Routes } from '../routes';
import type { ControlContext } from './control-context';
import { ControlError } from './control-error';

/** What the observer saw, by kind. Each answers to the filters for which it has a field. */
type Sightings = Readonly<Record<string, () => readonly object[]>>;

const FILTERS = [
  'partner',
  'station',
  'messageId',
  'sha256',
  'name',
  'since',
  'until',
  'operation',
  'eventType',
];

/** `/observer`: the witness. What partners sent, what arrived at them, what the scanner said, what went wrong. */
export function addObserverRoutes(routes: Routes, context: ControlContext): void {
  const { gateway, scanner } = context;

  // Functions: with thousands of messages a question about one kind must not gather all the others.
  const sightings: Sightings = {
    sent: () => gateway.sent,
    received: () => gateway.received.map((record) => ({ ...record, partner: record.to })),
    scanned: () => scanner.scanned,
    webhooks: () => gateway.webhooks.sent,
    faults: () =>
      Object.entries({ gateway, scanner })
        .flatMap(([service, { faults: book }]) => book.hits.map((hit) => ({ service, ...hit })))
        .sort((a, b) => a.at - b.at),
  };

  routes.add('GET', '/observer', (request, response) => {
    const wanted = filter(request);
    const seen = Object.entries(sightings).map(([kind, records]) => [kind, records().filter(wanted)]);
    response.json({ ...Object.fromEntries(seen), calls: sum(gateway.calls, scanner.calls) });
  });
  routes.add('GET', '/observer/calls', (_request, response) => {
    response.json({ gateway: gateway.calls, scanner: scanner.calls });
  });
  for (const [path, kind] of Object.entries({
    sent: 'sent',
    deliveries: 'received',
    scanned: 'scanned',
    webhooks: 'webhooks',
    faults: 'faults',
  }))
    routes.add('GET', `/observer/${path}`, (request, response) => {
      const found = (sightings[kind]?.() ?? []).filter(filter(request));
      response.json({ count: found.length, [path]: found });
    });
}

/** All filters that were given have to fit; a record without such a field does not. */
function filter(request: Request): (record: object) => boolean {
  const given = Object.entries(request.query).flatMap(([name, value]) => {
    if (!FILTERS.includes(name))
      throw new ControlError(400, `There is no filter ${name}: there are ${FILTERS.join(', ')}.`);
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  for (const [name, value] of given)
    if ((name === 'since' || name === 'until') && !/^\d+$/.test(value))
      throw new ControlError(400, `\`${name}\` must be a time in ms since 1970.`);
  return (record) =>
    given.every(([name, value]) => fits(record as Readonly<Record<string, unknown>>, name, value));
}

function fits(record: Readonly<Record<string, unknown>>, name: string, value: string): boolean {
  const { at, from, to, attachments } = record;
  switch (name) {
    case 'since':
      return typeof at === 'number' && at >= Number(value);
    case 'until':
      return typeof at === 'number' && at < Number(value);
    case 'partner':
    case 'station': {
      // A partner is who sent it or who received it; the other end is the station.
      const partner = record['partner'] === undefined ? from : to;
      const station = record['partner'] === undefined ? to : from;
      return (name === 'partner' ? partner : station) === value;
    }
    case 'sha256':
    case 'name':
      return Array.isArray(attachments)
        ? attachments.some((item: Readonly<Record<string, unknown>>) => item[name] === value)
        : record[name] === value || (name === 'sha256' && record['sanitizedSha256'] === value);
    default:
      return record[name] === value;
  }
}

function sum(...counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const all: Record<string, number> = {};
  for (const count of counts)
    for (const [operation, calls] of Object.entries(count)) all[operation] = (all[operation] ?? 0) + calls;
  return all;
}
