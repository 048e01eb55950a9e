import type { Engine, Inspection } from './inspect';

const SEVERITY: Readonly<Record<Inspection['verdict'], number>> = {
  allowed: 0,
  sanitized: 1,
  unscannable: 2,
  blocked: 3,
};

/**
 * Has several engines look at the same time; the worst verdict wins, the first engine's where they agree. An engine
 * that fails has not scanned, which is worse than clean and better than infected.
 *
 * @example
 * const engine = worstOf([createEngine({ store }), createClamdEngine(clamd)]);
 */
export function worstOf(engines: readonly [Engine, ...Engine[]]): Engine {
  return async (content, name) => {
    const [first, ...others] = await Promise.all(
      engines.map(async (engine) => {
        try {
          return await engine(content, name);
        } catch (error) {
          const reason = error instanceof Error ? error.message : 'Failed';
          const sha256 = await content.sha256();
          return { verdict: 'unscannable', sha256, reason, failedAction: 'Scan Failed' } as const;
        }
      }),
    );
    let worst: Inspection = first as Inspection;
    for (const one of others) if (SEVERITY[one.verdict] > SEVERITY[worst.verdict]) worst = one;
    // What one engine has sanitized is of no use where another one has the say.
    for (const one of [first, ...others])
      if (one !== worst) await (one as Inspection).sanitized?.content.dispose();
    return worst;
  };
}
