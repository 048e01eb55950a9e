import { StaleChangeError } from './ledger';
import { LedgerUnavailableError } from './ledger-unavailable-error';
import type { Program, ProgramExecutor } from './program';
import type { SqliteConnection } from './sqlite-connection';
import { openSqliteConnection } from './sqlite-connection';
import { isStorageFault, isUniqueViolation, toLedgerFault } from './sqlite-fault';

type Rows = readonly (readonly unknown[])[];

interface Waiting {
  readonly program: Program;
  readonly resolve: (rows: Rows) => void;
  readonly reject: (error: Error) => void;
}

type Outcome = { readonly rows: Rows } | { readonly error: Error };

/**
 * Opens what writes the ledger `file`, whose schema is up to date and whose lock is held. `onLost` is told where it broke
 * for good; a full or failing disk is no such thing.
 */
export type OpenWriter = (file: string, onLost: (error: Error) => void) => Promise<ProgramExecutor>;

/** Writes in this thread: for tests, and for commands that have nothing else to do meanwhile. */
export const writerInThisThread: OpenWriter = (file) =>
  Promise.resolve(createSqliteWriter(openSqliteConnection(file, 'write')));

/** The longest that a program waits for others to share its commit; a disk that is slower than this is waited for anyway. */
const longestWaitMs = 10;

/**
 * Runs programs on one writing connection. Those that wait together share one commit, so that they share its sync;
 * each has a savepoint, so that one that fails takes none of the others with it.
 * Nobody is answered, for good or ill, before the COMMIT: until then even a refusal rests on what may be undone.
 *
 * A commit stops the event loop for as long as the disk takes to sync. So after one the next begins only when as much
 * time has passed as that one took: under load half of the time is left to everything else, groups grow with the
 * slowness of the disk, and without load nothing ever waits. `clock` is monotonic, in ms.
 */
export function createSqliteWriter(
  connection: SqliteConnection,
  clock: () => number = () => performance.now(),
): ProgramExecutor {
  const waiting: Waiting[] = [];
  let closed = false;
  let restUntil = -Infinity;

  function flush(): void {
    const group = waiting.splice(0);
    if (group.length === 0) return;
    const began = clock();
    commitTogether(group);
    const ended = clock();
    restUntil = ended + Math.min(longestWaitMs, ended - began);
  }

  function commitTogether(group: readonly Waiting[]): void {
    let outcomes: readonly Outcome[];
    try {
      connection.exec('begin immediate');
      outcomes = group.map(({ program }) => runAlone(connection, program));
      connection.exec('commit');
    } catch (error) {
      abandon(connection);
      const fault = toLedgerFault(error, connection.file);
      for (const { reject } of group) reject(fault);
      return;
    }
    group.forEach(({ resolve, reject }, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) return;
      if ('error' in outcome) reject(outcome.error);
      else resolve(outcome.rows);
    });
  }

  return {
    run<Row>(program: Program<Row>): Promise<readonly (readonly Row[])[]> {
      if (closed)
        return Promise.reject(
          new LedgerUnavailableError('The ledger is closed: the bridge is stopping.', 'CLOSED'),
        );
      return new Promise<Rows>((resolve, reject) => {
        waiting.push({ program, resolve, reject });
        if (waiting.length > 1) return;
        const rest = restUntil - clock();
        if (rest < 1) setImmediate(flush);
        else setTimeout(flush, rest);
      }) as Promise<readonly (readonly Row[])[]>;
    },
    close(): Promise<void> {
      if (closed) return Promise.resolve();
      closed = true;
      flush();
      connection.close();
      return Promise.resolve();
    },
  };
}

/** Runs one program in its savepoint. @throws what ends the whole group */
function runAlone(connection: SqliteConnection, program: Program): Outcome {
  connection.exec('savepoint program');
  try {
    const rows = program.map((step) => {
      const { rows: returned, changed } = connection.run(step);
      if (step.expect !== undefined && changed !== step.expect) {
        throw new StaleChangeError(
          step.otherwise ?? `${changed} rows were changed where ${step.expect} were expected`,
        );
      }
      return returned;
    });
    connection.exec('release program');
    return { rows };
  } catch (error) {
    // A full or failing disk: SQLite may have undone everything already, and the others would meet the same.
    if (isStorageFault(error) || !connection.inTransaction) throw error;
    connection.exec('rollback to program');
    connection.exec('release program');
    return { error: ownFault(error, connection.file) };
  }
}

function ownFault(error: unknown, file: string): Error {
  const fault = toLedgerFault(error, file);
  if (!isUniqueViolation(error)) return fault;
  return new StaleChangeError(`somebody else wrote it first: ${fault.message}`, { cause: error });
}

function abandon(connection: SqliteConnection): void {
  try {
    if (connection.inTransaction) connection.exec('rollback');
  } catch {
    // The error that led here says more; the next `begin` fails where the connection is beyond use.
  }
}
