import type { BlobStore } from '../../blob-store';
import type { MetaDefenderSandboxOptions } from '../scanner-options';
import { createClamd, findClamd } from './clamd';
import { createClamdEngine } from './clamd-engine';
import { createEngine, type Engine } from './inspect';
import { worstOf } from './worst-of';

/**
 * The engine that the options ask for.
 *
 * @throws Error if it is clamd and none answers: a test that wants a second opinion must not silently go without.
 */
export async function chooseEngine(
  { engine = 'builtin', clamd, cdr = true, archiveLimits = {} }: MetaDefenderSandboxOptions,
  store: BlobStore,
): Promise<Engine> {
  if (typeof engine === 'function') return engine;
  const builtin = createEngine({ store, cdr, limits: archiveLimits });
  if (engine === 'builtin') return builtin;
  const address = await findClamd(clamd === undefined ? undefined : [clamd]);
  if (address === undefined)
    throw new Error(
      "The scanner was started with engine 'clamd', and no clamd answers. Start it, say where it is by the option " +
        '`clamd`, or ask `findClamd()` first and go without.',
    );
  return worstOf([builtin, createClamdEngine(createClamd(address))]);
}
