import { createLogger } from '../../../telemetry/log';
import { createLedgerClock } from '../../ledger-clock';
import type { Candidate } from '../join-members';
import type { OpenedPostgresLedger, SeveralOptions } from '../postgres-ledger';
import { openPostgresLedger } from '../postgres-ledger';

/** A bridge's way into a ledger that it shares, as a test wants it. */
export interface TestMember extends OpenedPostgresLedger {
  readonly clock: SeveralOptions['clock'];
  /** Told when it was removed. */
  readonly lost: readonly Error[];
  /** What it logged. */
  readonly lines: readonly string[];
}

export interface OpenMemberOptions extends Partial<Candidate> {
  readonly url: string;
  readonly schema: string;
  readonly beatMs?: number;
  readonly leaseMs?: number;
  readonly wall?: () => number;
}

/** Joins with beats as short as a test wants them. */
export async function openMember({
  url,
  schema,
  name = 'a bridge',
  program = '1.0.0',
  parts = { same: {}, alike: {} },
  beatMs = 100,
  leaseMs = 1_000,
  wall = Date.now,
}: OpenMemberOptions): Promise<TestMember> {
  const monotonic = (): number => performance.now();
  const clock = createLedgerClock({ wall, monotonic });
  const lost: Error[] = [];
  const lines: string[] = [];
  const log = createLogger({
    level: 'debug',
    destination: { write: (line: string) => void lines.push(line.trim()) },
  });
  const opened = await openPostgresLedger({
    url,
    tls: 'off',
    ca: null,
    schema,
    now: () => clock.now(),
    logger: log,
    onLost: (error) => void lost.push(error),
    several: { name, program, parts, beatMs, leaseMs, clock, monotonic, wall, log },
  });
  return { ...opened, clock, lost, lines };
}
