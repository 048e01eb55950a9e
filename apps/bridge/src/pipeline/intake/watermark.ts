import { z } from 'zod';
import type { PipelineContext } from '../context';

const overlapMs = 24 * 3_600_000;

const schema = z.object({
  /** When the last two whole sweeps began, epoch ms. */
  last: z.number(),
  before: z.number().nullable(),
  /** `intake.startFrom` at that time. */
  startFrom: z.number(),
});

/** How far back the sweep over a station goes. */
export interface Watermark {
  /** Epoch ms. */
  since(station: string): Promise<number>;
  /** A sweep that began at `begunAt` came to its end. */
  note(station: string, begunAt: number): Promise<void>;
}

/**
 * Kept in the ledger: the time of the whole sweep *before the last one*, less a day. So every message is swept over
 * twice at least: what is deleted at the gateway while a sweep reads page after page moves the others up, and one of
 * them may fall between two pages. The first sweeps go back to `startFrom`, and so do those after it was moved back.
 */
export function createWatermark({
  ledger,
  settings,
  now,
}: Pick<PipelineContext, 'ledger' | 'settings' | 'now'>): Watermark {
  const { startFrom } = settings;
  const keyOf = (station: string): string => `sweep:${station}`;

  async function read(station: string): Promise<z.output<typeof schema> | undefined> {
    const { data } = schema.safeParse(parsed(await ledger.settings.get(keyOf(station))));
    return data === undefined || data.startFrom > startFrom ? undefined : data;
  }

  return {
    async since(station) {
      const { before = null } = (await read(station)) ?? {};
      if (before === null) return startFrom;
      // A clock that was ahead, and is not any more, must not hide what came since.
      return Math.max(startFrom, Math.min(before, now()) - overlapMs);
    },
    async note(station, begunAt) {
      const earlier = await read(station);
      const value = { last: begunAt, before: earlier?.last ?? null, startFrom };
      await ledger.settings.set(keyOf(station), JSON.stringify(value));
    },
  };
}

/** Undefined where there is none, and where nobody can read it: then the sweep begins anew. */
function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
