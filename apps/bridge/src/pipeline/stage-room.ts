import type { Stage } from '../domain/message-event';
import type { ServiceName } from '../telemetry/activity';

/** What a stage does and may do at a time. */
export interface StageLoad {
  readonly stage: Stage;
  readonly service: ServiceName | null;
  readonly limit: number;
  readonly busy: number;
}

/**
 * How many more steps of each stage may begin: within its own limit, and within what all stages of a service may do
 * together. Where that is scarce, the stage that has the smallest part of its limit goes first, so that none of them is
 * kept out by the others. Stages without room are left out. Pure.
 */
export function stageRoom(
  loads: readonly StageLoad[],
  bounds: Readonly<Record<ServiceName, number>>,
): ReadonlyMap<Stage, number> {
  const room = new Map<Stage, number>();
  const left = (service: ServiceName): number =>
    loads.reduce((sum, load) => (load.service === service ? sum - load.busy : sum), bounds[service]);
  for (const { stage, service, limit, busy } of loads)
    if (service === null && limit > busy) room.set(stage, limit - busy);
  for (const service of ['gateway', 'scanner'] as const)
    share(
      loads.filter((load) => load.service === service),
      left(service),
      room,
    );
  return room;
}

function share(loads: readonly StageLoad[], places: number, room: Map<Stage, number>): void {
  for (let left = places; left > 0; left -= 1) {
    const part = ({ stage, busy, limit }: StageLoad): number => (busy + (room.get(stage) ?? 0)) / limit;
    const open = loads.filter((load) => load.limit > 0 && part(load) < 1);
    const [first, ...others] = open;
    if (first === undefined) return;
    const next = others.reduce((least, load) => (part(load) < part(least) ? load : least), first);
    room.set(next.stage, (room.get(next.stage) ?? 0) + 1);
  }
}
