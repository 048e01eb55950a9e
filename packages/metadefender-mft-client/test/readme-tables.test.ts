import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as publicNames from '../src/index';
import { MetaDefenderClient } from '../src/index';
import * as apiKeyOperations from '../src/operations/api-key-operations';
import * as experimentalOperations from '../src/operations/experimental-operations';
import * as fileOperations from '../src/operations/file-operations';
import * as folderOperations from '../src/operations/folder-operations';
import * as sessionOperations from '../src/operations/session-operations';
import * as systemOperations from '../src/operations/system-operations';
import { transferFileOperations } from '../src/operations/transfer-file-operations';
import { transferOperations } from '../src/operations/transfer-operations';

// The tables of the README against the code: a method, an address, a level or a class that is in one and not in the other fails here.

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
const sectionOf = (title: string): string => readme.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
const rowsOf = (title: string): string[][] =>
  sectionOf(title)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .filter((line) => !line.startsWith('| ---'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
const codeIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');

interface Declared {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly safety: string;
  readonly access?: string | undefined;
  readonly auth?: string | undefined;
}
const operations: readonly Declared[] = [
  apiKeyOperations,
  experimentalOperations,
  fileOperations,
  folderOperations,
  sessionOperations,
  systemOperations,
  transferFileOperations('ascii'),
  transferOperations('ascii', ','),
].flatMap((group) =>
  Object.values(group as Record<string, unknown>).filter(
    (one): one is Declared => typeof one === 'object' && one !== null && 'safety' in one && 'path' in one,
  ),
);

const md = new MetaDefenderClient({ baseUrl: 'https://x', auth: { apiKey: 'k' } });
afterAll(() => md.close());

/** `files.status`, `experimental.accounts.create`, `version` … as the client has them. */
function methodsOf(of: object, prefix: string): string[] {
  return Object.entries(of).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'function') return [`${prefix}${name}`];
    return typeof value === 'object' && value !== null ? methodsOf(value, `${prefix}${name}.`) : [];
  });
}
const ownMethods = Object.getOwnPropertyNames(MetaDefenderClient.prototype).filter(
  (name) => !['constructor', 'on', 'close'].includes(name),
);
const methods = [...methodsOf(md, ''), ...ownMethods];
const rows = rowsOf('Methods');
const named = rows.flatMap(([first = '']) => codeIn(first).map((code) => code.replace(/\(.*$/s, '')));

test('the table names every method of the client, and none that it has not', () => {
  expect(named.filter((name) => name !== '').sort()).toEqual([...methods].sort());
});

test('every address in the table is one of an operation, and every operation has its address in the table', () => {
  const inTable = new Set(
    rows
      .flatMap(([, http = '']) => codeIn(http))
      .filter((code) => /^(GET|POST|PUT|PATCH|DELETE) /.test(code)),
  );
  expect([...inTable].sort()).toEqual(
    [...new Set(operations.map(({ method, path }) => `${method} ${path}`))].sort(),
  );
});

test.each(operations.map((one) => [one.name, one] as const))(
  '%s stands in the table with its level, and whether it is repeated',
  (name, { method, path, access, auth, safety }) => {
    // Two methods may share an address; the operation has the name of its method.
    const row =
      rows.find(([first = '', http = '']) => {
        const methodNames = codeIn(first).map((code) => code.replace(/\(.*$/s, ''));
        return codeIn(http).includes(`${method} ${path}`) && methodNames.includes(name);
      }) ?? rows.find(([, http = '']) => codeIn(http).includes(`${method} ${path}`));
    const [, , level = '', repeated = ''] = row ?? [];
    const ownLevel = name === 'sessions.logout' || name === 'sessions.login' || name === 'tokens.extend';
    // ¹: another level with `impersonateAs`.
    if (!ownLevel && !(level.endsWith('¹') && access === 'administrator'))
      expect(level.replace(/[¹²³⁴]/g, '')).toBe(auth === 'none' ? 'none' : (access ?? ''));
    // Their row says when: with a file id of one's own, with an offset, by the session itself.
    if (['transferFiles.open', 'transferFiles.append', 'tokens.extend'].includes(name)) return;
    const expected = safety === 'unsafe' ? /^(no\b|login: never)/ : /^(yes|until the first byte)/;
    expect([name, repeated, expected.test(repeated)]).toEqual([name, repeated, true]);
  },
);

test('whoever needs a key says in which level, so that a 403 can name it', () => {
  const silent = operations.filter(({ access, auth }) => auth !== 'none' && access === undefined);
  expect(silent.map(({ name }) => name)).toEqual([]);
});

test('the documentation of every method that makes a call names the call and the level', () => {
  const sources = ['transfers', 'transfer-files', 'files', 'folders', 'api-keys', 'experimental']
    .map((name) => readFileSync(join(__dirname, '..', 'src', 'resources', `${name}.ts`), 'utf8'))
    .join('\n');
  for (const { method, path, access, name } of operations) {
    if (/^(sessions|tokens|system)\./.test(name)) continue;
    const comment = sources
      .match(/\/\*\*(?:(?!\*\/)[\s\S])*\*\//g)
      ?.find((one) => one.includes(`\`${method} ${path}\``));
    expect([name, comment === undefined]).toEqual([name, false]);
    if (access !== undefined) expect(`${name}: ${comment ?? ''}`).toMatch(/user level|administrator level/i);
  }
});

test('every class of error that is exported stands in the table, and none that is not', () => {
  const classes = Object.keys(publicNames).filter((name) => /^[A-Z]\w*Error$/.test(name));
  const inTable = rowsOf('Errors').flatMap(([first = '']) => codeIn(first));
  // The root of the tree stands in the sentence above the table.
  expect(sectionOf('Errors')).toContain('`MftBridgeError`');
  expect([...new Set(inTable)].sort()).toEqual(classes.filter((name) => name !== 'MftBridgeError').sort());
});

test('every cause and what to do is filled in', () => {
  for (const [name = '', cause = '', advice = ''] of rowsOf('Errors'))
    expect([name, cause !== '', advice !== '']).toEqual([name, true, true]);
});

test('every file that the README links to is there', () => {
  for (const [, target = ''] of readme.matchAll(/\]\(((?:examples|etc)\/[^)]+)\)/g))
    expect(() => readFileSync(join(__dirname, '..', target))).not.toThrow();
});
