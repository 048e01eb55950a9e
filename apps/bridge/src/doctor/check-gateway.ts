import type { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import type { BridgeConfig } from '../config/schema';
import { watchClock } from './clock-skew';
import type { Finding, Notes } from './finding';
import { takeNotes } from './finding';

type GatewayConfig = Pick<BridgeConfig, 'gateway' | 'destinations' | 'mode'>;

/** Whether the gateway lets us in, knows our stations and partners, and has the time that we have. Changes nothing. */
export async function checkGateway(
  gateway: Pick<As2GatewayClient, 'inbox' | 'stations' | 'partners' | 'on'>,
  config: GatewayConfig,
  { now, signal }: { now: () => number; signal: AbortSignal },
): Promise<readonly Finding[]> {
  const notes = takeNotes('gateway');
  const clock = watchClock(gateway, now);
  try {
    for (const station of config.gateway.stations) {
      const { ids } = await gateway.inbox.list({ station, unreadOnly: true, pageLength: 10 }, { signal });
      const some = ids.length < 10 ? String(ids.length) : '10 or more';
      notes.ok(`logged in; the inbox of ${station} can be listed (${some} unread)`);
    }
  } catch (error) {
    notes.fail(
      error instanceof Error ? error.message : String(error),
      `Check gateway.baseUrl and gateway.auth, and that this machine reaches ${config.gateway.baseUrl} (egress.proxy).`,
    );
    return notes.findings;
  }
  clock.report(notes, 'gateway');
  await checkParties(gateway, config, notes, signal);
  if (config.gateway.requestsPerSecond === false)
    notes.warn(
      'gateway.requestsPerSecond is false: no limit of our own',
      'The gateway documents none and may lock out who asks too often; agree on one with its operator.',
    );
  return notes.findings;
}

/** Needs rights that a token may not have; without them nothing is known, and nothing is wrong. */
async function checkParties(
  { stations, partners }: Pick<As2GatewayClient, 'stations' | 'partners'>,
  { gateway, destinations }: GatewayConfig,
  notes: Notes,
  signal: AbortSignal,
): Promise<void> {
  const as2 = Object.entries(destinations).flatMap(([name, destination]) =>
    destination.kind === 'as2' ? [{ name, ...destination }] : [],
  );
  const wanted = new Set([...gateway.stations, ...as2.map(({ from }) => from)]);
  const known = await identifiers(() => stations.list({ signal }));
  if (known === undefined) notes.skip('its stations cannot be listed with these rights');
  else
    for (const station of wanted)
      if (!known.has(station))
        notes.fail(
          `it has no station ${station}`,
          `Stations there: ${[...known].join(', ') || 'none'}. Correct gateway.stations, or "from" of the destination.`,
        );
  const receivers = await identifiers(() => partners.list({ signal }));
  if (receivers === undefined) notes.skip('its partners cannot be listed with these rights');
  else
    for (const { name, to } of as2)
      if (!receivers.has(to))
        notes.fail(
          `it has no partner ${to}, to whom destination ${name} sends`,
          'Add it there, or correct "to".',
        );
}

async function identifiers(
  list: () => Promise<readonly { readonly identifier: string }[]>,
): Promise<ReadonlySet<string> | undefined> {
  return list().then(
    (parties) => new Set(parties.map(({ identifier }) => identifier)),
    () => undefined,
  );
}
