import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { LedgerRefusedError } from '../ledger-refused-error';

export interface PostgresTarget {
  /** `postgres://user:password@host:5432/database`: all of it is a secret. */
  readonly url: string;
  /** `verify`: the server's certificate must be good and name this host; `off` sends the password and all else in clear. */
  readonly tls: 'verify' | 'off';
  /** File with the certificates that are trusted, PEM; the system's where it is null. */
  readonly ca: string | null;
  /** The tables are in it. */
  readonly schema: string;
}

/** Where a server is, and how it is spoken to. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly ssl: false | ConnectionOptions;
  readonly schema: string;
  /** For people: host, port, database and schema; never the password. */
  readonly name: string;
}

const form = 'postgres://USER:PASSWORD@HOST:5432/DATABASE';

/**
 * Reads the URL. What stands behind `?` is refused: libraries read `sslmode` each in its own way, and the one that means
 * "encrypt, trust anybody" is the usual one.
 * @throws LedgerRefusedError that never repeats the URL
 */
export function readAddress({ url, tls, ca, schema }: PostgresTarget): PostgresAddress {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol))
    throw new LedgerRefusedError(`What ledger.postgres.url refers to is no URL of the form ${form}.`);
  if (parsed.search !== '' || parsed.hash !== '') {
    throw new LedgerRefusedError(
      `The URL of ledger.postgres.url has parameters behind "?". Leave them out: encryption is said by ledger.postgres.tls and .ca.`,
    );
  }
  const host = unescaped(parsed.hostname.replace(/^\[(.*)\]$/, '$1'));
  const user = unescaped(parsed.username);
  const database = unescaped(parsed.pathname.slice(1));
  if (host === '' || user === '' || database === '')
    throw new LedgerRefusedError(
      `The URL of ledger.postgres.url lacks host, user or database; it is ${form}.`,
    );
  const port = parsed.port === '' ? 5432 : Number(parsed.port);
  return {
    host,
    port,
    user,
    password: unescaped(parsed.password),
    database,
    ssl: tls === 'off' ? false : secured(host, ca),
    schema,
    name: `${host}:${port}/${database} (schema ${schema})`,
  };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new LedgerRefusedError(
      'The URL of ledger.postgres.url has a "%" that begins no character: write a "%" of the password as %25.',
    );
  }
}

function secured(host: string, ca: string | null): ConnectionOptions {
  return {
    rejectUnauthorized: true,
    // No name is sent for a bare address.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === null ? {} : { ca: readCertificates(ca) }),
  };
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LedgerRefusedError(
      `The certificates of ledger.postgres.ca cannot be read from ${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`,
    );
  }
}
