import { LedgerRefusedError } from '../ledger-refused-error';
import { LedgerUnavailableError } from '../ledger-unavailable-error';
import { StaleChangeError } from '../ledger';

/** SQLSTATE of the server, or the system's code of a connection that broke; undefined where there is none. */
export function postgresCode(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

/** The same program, run again, may well succeed: another was in its way, or the server had to choose. */
export function isCollision(error: unknown): boolean {
  return ['40001', '40P01', '55P03'].includes(postgresCode(error) ?? '');
}

/**
 * A newer program has added a column meanwhile, and this connection has the statement prepared as it was. The transaction left
 * nothing, and another connection knows the table as it is.
 */
function isOutOfDate(code: string, { message }: Error): boolean {
  return code === '0A000' && message.includes('cached plan');
}

/**
 * The connection is gone or of no more use, or the server goes: by the classes of its codes, by the system's codes, and for what `pg` says
 * without any code.
 */
export function isConnectionFault(error: unknown): boolean {
  if (!isErrorLike(error)) return false;
  const code = postgresCode(error);
  if (code === undefined) return lostWords.test(error.message);
  return (
    isOutOfDate(code, error) ||
    // Classes of the server (connection, shutdown, resources), and what the system calls its own errors.
    /^(08|57P|53)/.test(code) ||
    code === '25P03' ||
    /^E(?!RR_)[A-Z_]{3,}$/.test(code)
  );
}

/** Told by its shape: in jest an error of Node's own is of another class. */
function isErrorLike(error: unknown): error is Error {
  return (
    typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
  );
}

const lostWords =
  /query read timeout|connection (terminated|ended|timeout)|timeout exceeded|client has encountered a connection error|not queryable|Client was closed/i;

/** A fault as an error that says what to do; nothing of the connection's secrets is in it. */
export function toPostgresFault(error: unknown, name: string): Error {
  if (
    error instanceof StaleChangeError ||
    error instanceof LedgerRefusedError ||
    error instanceof LedgerUnavailableError
  )
    return error;
  const code = postgresCode(error);
  if (code === '23505') return new StaleChangeError(`somebody else wrote it first (${constraintOf(error)})`);
  const sentence = code === undefined ? undefined : sentences.find(([pattern]) => pattern.test(code))?.[1];
  if (sentence !== undefined) return fault(`${sentence(name)} (${code ?? ''})`, code ?? 'UNKNOWN');
  if (error instanceof Error && error.message.includes('does not support SSL')) {
    return fault(
      `PostgreSQL at ${name} does not speak TLS, and ledger.postgres.tls is "verify". Set ssl = on with a certificate at the server, or tls: off where the network between is trusted.`,
      'NO_TLS',
    );
  }
  if (isConnectionFault(error)) {
    return fault(
      `The connection to PostgreSQL at ${name} broke or could not be made (${code ?? (error as Error).message}); nothing of this was kept. Check the server and the network between: work goes on by itself when it answers.`,
      code ?? 'CONNECTION_LOST',
    );
  }
  return error instanceof Error
    ? error
    : new Error('the ledger failed for an unknown reason', { cause: error });
}

/** The cause is not kept: it holds the parameters of a statement, and a message of the server may quote them. */
const fault = (message: string, code: string): LedgerUnavailableError =>
  new LedgerUnavailableError(message, code);

function constraintOf(error: unknown): string {
  const { constraint } = error as { constraint?: unknown };
  return typeof constraint === 'string' ? constraint : 'unique key';
}

const sentences: readonly (readonly [RegExp, (name: string) => string])[] = [
  [
    /^28/,
    (name) =>
      `PostgreSQL at ${name} refused user or password, or lets nobody in from here. Check the URL behind ledger.postgres.url and the server's pg_hba.conf.`,
  ],
  [
    /^3D000$/,
    (name) =>
      `There is no such database at ${name}. Make it (createdb), or correct the URL behind ledger.postgres.url.`,
  ],
  [
    /^42501$/,
    (name) =>
      `The user has not the rights that the ledger at ${name} needs. Let it own the schema, or GRANT CREATE ON DATABASE for the first start.`,
  ],
  [
    /^(53100|58030)$/,
    (name) =>
      `The disk of PostgreSQL at ${name} is full or failing; nothing of this was kept. Free some space there: work goes on by itself.`,
  ],
  [
    /^53300$/,
    (name) =>
      `PostgreSQL at ${name} has no connection left. Raise max_connections, or end what holds them: work goes on by itself.`,
  ],
  [
    /^25006$/,
    (name) => `PostgreSQL at ${name} takes no writes: it is a standby. Let the URL name the primary.`,
  ],
  [
    /^(57014|25P03)$/,
    (name) => `PostgreSQL at ${name} took too long and the statement was ended; nothing of this was kept.`,
  ],
  [
    /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|ERR_TLS)/,
    (name) =>
      `The certificate of PostgreSQL at ${name} is not trusted or is another host's. Name the file of its authority in ledger.postgres.ca.`,
  ],
];
