import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { authOperations } from '../src/operations/auth';
import { certificateOperations } from '../src/operations/certificates';
import { inboxOperations } from '../src/operations/inbox';
import { outboxOperations } from '../src/operations/outbox';
import { partyOperations } from '../src/operations/parties';
import { submitOperation } from '../src/operations/submit';
import { wireNames } from '../src/operations/wire-names';
import * as publicNames from '../src/index';

// The tables of the README against the code: a method, an address or an error that is in one and not in the other fails here.

const readme = readFileSync(join(__dirname, '..', 'README.md'), 'utf8');
const sectionOf = (title: string): string => readme.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
const rowsOf = (title: string): string[][] =>
  sectionOf(title)
    .split('\n')
    .filter((line) => /^\| (?!---)/.test(line))
    .slice(1)
    // A bar inside of code is escaped, and no border of a cell.
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
const codeIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');

interface Declared {
  readonly method: string;
  readonly path: string;
}
const isDeclared = (one: unknown): one is Declared =>
  typeof one === 'object' && one !== null && 'safety' in one && 'path' in one;
const names = wireNames('v2');
const inbox = inboxOperations(names);
const outbox = outboxOperations(names);
const operations = [
  ...Object.values(authOperations),
  ...Object.values(inbox),
  ...Object.values(outbox),
  ...Object.values(outbox.list),
  ...Object.values(partyOperations(names)),
  ...Object.values(certificateOperations(names)),
  submitOperation(names, { field: 'File', boundary: () => 'b' }),
].filter(isDeclared);

const gateway = new publicNames.As2GatewayClient({ auth: { tokenId: 'i', tokenSecret: 's' } });
afterAll(() => gateway.close());
const methods = Object.entries(gateway).flatMap(([resource, of]: [string, unknown]) =>
  typeof of === 'object' && of !== null ? Object.keys(of).map((name) => `${resource}.${name}`) : [],
);

describe('the README', () => {
  const rows = rowsOf('Methods');

  it('names every method of the client, and none that it has not', () => {
    const named = rows.flatMap(([first = '']) => {
      let resource = '';
      return codeIn(first).flatMap((code) => {
        const [, of, name] = /^(\w*)\.(\w+)\(/.exec(code) ?? [];
        if (name === undefined) return [];
        // `.queued(…)` behind `outbox.sent(…)` is of the same resource.
        resource = of === undefined || of === '' ? resource : of;
        return [`${resource}.${name}`];
      });
    });
    expect([...new Set(named)].sort()).toEqual([...methods].sort());
  });

  it('names the address of every call, and none that nobody calls', () => {
    const expected = new Set(operations.map(({ method, path }) => `${method} ${path}`));
    const written = rows.flatMap(([, http = '']) => {
      let last = '';
      return codeIn(http).flatMap((code) => {
        const bare = code.replace(/\?.*$/, '');
        if (/^(GET|POST|PUT|DELETE) \//.test(bare)) return [(last = bare)];
        return bare.startsWith('…') ? [`${last}${bare.slice(1)}`] : [];
      });
    });
    expect(written.filter((each) => !expected.has(each))).toEqual([]);
    // "as in the inbox, under /message/outbox/{id}"
    const implied = written.map((each) => each.replace('/message/inbox/{id}', '/message/outbox/{id}'));
    expect([...expected].filter((each) => ![...written, ...implied].includes(each))).toEqual([]);
  });

  it('names every error that is exported, and none that is not', () => {
    const classes = Object.keys(publicNames).filter((name) => /^[A-Z]\w*Error$/.test(name));
    const named = rowsOf('Errors').flatMap(([first = '']) => codeIn(first));
    expect(named.filter((name) => !classes.includes(name))).toEqual([]);
    // The root, and what is raised for any other 4xx, stand in the sentences above.
    expect(
      classes.filter((name) => !named.includes(name) && !sectionOf('Errors').includes(`\`${name}\``)),
    ).toEqual([]);
  });

  it('links to files that are there', () => {
    const links = [...readme.matchAll(/\]\(((?:examples|etc)[^)]*)\)/g)].map(([, target]) => target ?? '');
    expect(links).not.toEqual([]);
    for (const target of links.filter((link) => link.includes('.')))
      expect(() => readFileSync(join(__dirname, '..', target))).not.toThrow();
  });
});
