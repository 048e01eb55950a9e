import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Secret } from './secret';
import { sentence } from './field';
import { systemErrorCode } from './system-error';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a secret is: never in the configuration itself. */
export type SecretReference = { readonly env: string } | { readonly file: string };

/** Fetches what a reference points to. @throws SecretError */
export type SecretReader = (reference: SecretReference) => Promise<Secret>;

/** A secret could not be read. The message names the place, never the value. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
}

const maxBytes = 64 * 1024;

/** Reads secrets from the environment and from files; relative paths start at `directory`. */
export function createSecretReader(env: Environment, directory: string): SecretReader {
  return async (reference) => {
    const text =
      'env' in reference
        ? readVariable(reference.env, env)
        : await readFile(resolve(directory, reference.file));
    // It will stand in a header or a query: a line break there is an injection, and most often a key file with two lines.
    if (/\p{Cc}/u.test(text)) {
      throw new SecretError(
        `${place(reference)} holds a line break or another control character; expected one line`,
      );
    }
    return new Secret(text);
  };
}

/** For commands that need no secret: leaves each where it is, so that they run without the service's rights. */
export const leaveSecrets: SecretReader = () => Promise.resolve(new Secret(null));

/** For commands that need one secret and run without the service's rights: what cannot be read is left where it is. */
export function readIfThere(read: SecretReader): SecretReader {
  return (reference) =>
    read(reference).catch((error: unknown) => {
      if (!(error instanceof SecretError)) throw error;
      return new Secret(null);
    });
}

function readVariable(name: string, env: Environment): string {
  const value = env[name]?.trim();
  if (value === undefined) throw new SecretError(`environment variable ${name} is not set`);
  if (value === '') throw new SecretError(`environment variable ${name} is set but empty`);
  return value;
}

async function readFile(path: string): Promise<string> {
  // Not O_NOFOLLOW: secret stores mount files as links. Opened first and looked at then, so that both are of one file;
  // non-blocking, so that a pipe put in its place cannot stop the start.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw new SecretError(`secret file ${path} cannot be opened (${systemErrorCode(error)})`);
  });
  try {
    const facts = await handle.stat();
    if (!facts.isFile()) throw new SecretError(`secret file ${path} is not a regular file`);
    if (facts.size > maxBytes)
      throw new SecretError(`secret file ${path} is larger than 64 KiB; is it the right file?`);
    // Windows has no such bits: Node shows made-up ones there.
    if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0) {
      const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
      throw new SecretError(
        `secret file ${path} can be used by other users (mode ${mode}); run: chmod 600 '${path.replaceAll("'", "'\\''")}'`,
      );
    }
    const text = (await handle.readFile('utf8')).trim();
    if (text === '') throw new SecretError(`secret file ${path} is empty`);
    return text;
  } finally {
    await handle.close();
  }
}

export interface SecretFieldOptions {
  /** Plain text is taken as well: for what is half a secret (a user name, a token's id) and may stand in the file. */
  readonly literal?: boolean;
  /** What is wrong with the value, as the end of "... is" or undefined. Must not repeat the value. */
  readonly check?: (value: string) => string | undefined;
}

/** A field that holds a reference to a secret, and becomes the secret. */
export function secretField(read: SecretReader, { literal = false, check }: SecretFieldOptions = {}) {
  return z.unknown().transform(async (value, context): Promise<Secret> => {
    try {
      if (literal && typeof value === 'string' && value.trim() !== '')
        return checked('the text', value.trim());
      const reference = readReference(value);
      const secret = await read(reference);
      return secret.wasRead ? checked(place(reference), secret.reveal()) : secret;
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      context.addIssue(sentence(error.message));
      return z.NEVER;
    }
  });

  function checked(where: string, value: string): Secret {
    const fault = check?.(value);
    if (fault !== undefined) throw new SecretError(`${where} is ${fault}`);
    return new Secret(value);
  }
}

/** @throws SecretError that says why it is none */
function readReference(value: unknown): SecretReference {
  const form = '{ env: NAME } or { file: path }';
  if (value === undefined || value === null) throw new SecretError(`missing; expected ${form}`);
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new SecretError(
      `a secret must not stand in this file; put it into an environment variable or a file of mode 600, and write ${form}`,
    );
  }
  const [entry, ...more] = Object.entries(value);
  const [key, target] = entry ?? [];
  if (more.length > 0 || (key !== 'env' && key !== 'file'))
    throw new SecretError(`expected exactly one of ${form}`);
  if (typeof target !== 'string' || target.trim() === '')
    throw new SecretError(`expected a name behind ${key}:`);
  if (key === 'file') return { file: target };
  // Whoever writes the secret itself behind `env:` must not read it again in a message.
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(target))
    throw new SecretError('what stands behind env: is no name of a variable');
  return { env: target };
}

function place(reference: SecretReference): string {
  return 'env' in reference ? `environment variable ${reference.env}` : `secret file ${reference.file}`;
}
