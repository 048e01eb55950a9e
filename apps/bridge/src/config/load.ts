import { readFile, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { ConfigProblem } from './config-error';
import { ConfigError } from './config-error';
import { crossCheck } from './cross-checks';
import { completeCustody } from './custody-schema';
import type { LocatedDocument } from './document';
import { parseLocated } from './document';
import type { Finding } from './finding';
import { describeIssue } from './finding';
import type { BridgeConfig, ParsedConfig } from './schema';
import { createConfigSchema } from './schema';
import type { Environment } from './secrets';
import { createSecretReader, leaveSecrets, readIfThere } from './secrets';
import { systemErrorCode } from './system-error';

const maxFileBytes = 1_000_000;

export interface LoadOptions {
  /**
   * `leave` reads no secret: for commands that only look at the ledger. `if-there` leaves those that cannot be read.
   * Revealing one that was left throws.
   */
  readonly secrets?: 'read' | 'leave' | 'if-there';
}

/**
 * Reads, checks and completes a configuration. Nothing is guessed and there is no other source: without the file,
 * there is no bridge.
 *
 * @throws ConfigError naming all problems, each with file, line and column
 * @example
 * const config = await loadConfig('bridge.yaml', process.env);
 */
export async function loadConfig(
  file: string,
  env: Environment,
  { secrets = 'read' }: LoadOptions = {},
): Promise<BridgeConfig> {
  const absolute = resolve(file);
  const directory = dirname(absolute);
  const document = parseLocated(await readSource(file));
  const problemAt = ({ path, atKey, text }: Finding): ConfigProblem => {
    const { line, column } = document.locate(path, atKey);
    return { file, line, column, path: writePath(path), text };
  };
  refuseFaults(file, document);

  // An empty file is an empty map: then everything that is required is named.
  const data: unknown = document.data ?? {};
  const reader = createSecretReader(env, directory);
  const readSecret = { read: reader, leave: leaveSecrets, 'if-there': readIfThere(reader) }[secrets];
  const result = await createConfigSchema({ directory, readSecret }).safeParseAsync(data);
  const findings = [
    ...(result.success ? [] : result.error.issues.flatMap((issue) => describeIssue(issue, data))),
    ...crossCheck(data),
  ];
  if (result.success && findings.length === 0) {
    const config = complete(absolute, result.data);
    const late = checkValues(config);
    if (late.length === 0) return config;
    findings.push(...late);
  }
  throw new ConfigError(inOrder(findings.map(problemAt)));
}

async function readSource(file: string): Promise<string> {
  const refuse = (text: string): ConfigError =>
    new ConfigError([{ file, line: null, column: null, path: '', text }]);
  try {
    const facts = await stat(file);
    if (!facts.isFile()) throw refuse('this is no file; name the configuration itself');
    if (facts.size > maxFileBytes)
      throw refuse('larger than 1 MB, so this is no configuration of the bridge');
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = systemErrorCode(error);
    if (code !== 'ENOENT') throw refuse(`the configuration cannot be read (${code})`);
    throw refuse(
      'there is no such file, and without a configuration the bridge does not start. Copy bridge.example.yaml, ' +
        'fill in gateway, scanner, intake.startFrom, destinations, routes and web.private.token, check it with ' +
        '"mft-bridge config check --config FILE" and name it with --config FILE. The sandbox never takes its place.',
    );
  }
}

function refuseFaults(file: string, { faults, data }: LocatedDocument): void {
  if (faults.length > 0) {
    throw new ConfigError(
      inOrder(faults.map(({ line, column, text }) => ({ file, line, column, path: '', text }))),
    );
  }
  if (data === null || data === undefined) return;
  if (typeof data !== 'object' || Array.isArray(data)) {
    const text = `found ${Array.isArray(data) ? 'a list' : 'a single value'}, expected a map such as "gateway:" with its keys below`;
    throw new ConfigError([{ file, line: 1, column: 1, path: '', text }]);
  }
}

/** Fills in what follows from something else. */
function complete(file: string, parsed: ParsedConfig): BridgeConfig {
  const { custody, ledger, dataDirectory } = parsed;
  return {
    ...parsed,
    file,
    custody: completeCustody(custody, dataDirectory),
    ledger: { file: ledger.file ?? join(dataDirectory, 'ledger.sqlite'), postgres: ledger.postgres },
  };
}

/** What can only be said about finished values. */
function checkValues({ scanner, delivery, destinations, custody }: BridgeConfig): Finding[] {
  const findings: Finding[] = [];
  if (scanner.poll.max < scanner.poll.first) {
    findings.push({ path: ['scanner', 'poll', 'max'], text: 'shorter than scanner.poll.first' });
  }
  if (scanner.expiresAfter < scanner.deadline) {
    const text = 'shorter than scanner.deadline: the scanner would delete files that are still being scanned';
    findings.push({ path: ['scanner', 'expiresAfter'], text });
  }
  if (delivery.retry.max < delivery.retry.base) {
    findings.push({ path: ['delivery', 'retry', 'max'], text: 'shorter than delivery.retry.base' });
  }
  for (const [name, destination] of Object.entries(destinations)) {
    if (destination.kind !== 'folder' || relative(custody.directory, destination.directory).startsWith('..'))
      continue;
    const text =
      'inside the custody directory, where what the ledger does not know is removed; expected another place';
    findings.push({ path: ['destinations', name, 'directory'], text });
  }
  return findings;
}

/** By place, each once. */
function inOrder(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const unique = new Map(problems.map((problem) => [`${problem.path}\n${problem.text}`, problem]));
  return [...unique.values()].sort(
    (a, b) =>
      (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0) || a.path.localeCompare(b.path),
  );
}

function writePath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (written, key) =>
      written +
      (typeof key === 'number' ? `[${String(key)}]` : written === '' ? String(key) : `.${String(key)}`),
    '',
  );
}
