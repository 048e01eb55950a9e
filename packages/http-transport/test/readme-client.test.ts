import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { buildSync } from 'esbuild';
import ts from 'typescript';
import { json, loopback } from './loopback-server';
import type { Seen } from './loopback-server';

/** The client that the README builds for another API: it must compile as it stands there, and work. */
const home = resolve(__dirname, '..');
const example = /```ts\n([^]*?)```/.exec(readFileSync(join(home, 'README.md'), 'utf8'))?.[1] ?? '';
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mft-bridge-readme-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
};

it('compiles, strictly', () => {
  const file = join(home, 'readme-example.ts');
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (name) => (name === file ? example : readFile(name));
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, example, version) : getSourceFile(name, version, ...rest);
  const paths = { '@mft-bridge/http-transport': [join(home, 'src/index.ts')] };
  const program = ts.createProgram([file], { ...options, noEmit: true, paths }, host);
  const said = ts
    .getPreEmitDiagnostics(program, program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  expect(said).toEqual([]);
});

it('logs in once, finds, finds nothing, sends a file whole, and closes', async () => {
  expect(example).toContain('class InvoiceClient');
  const outfile = join(folder, 'client.cjs');
  buildSync({
    stdin: { contents: example, resolveDir: home, loader: 'ts' },
    alias: { '@mft-bridge/http-transport': join(home, 'src/index.ts') },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- it was built a line ago
  const { InvoiceClient } = require(outfile) as {
    InvoiceClient: new (
      url: string,
      credentials: { user: string; password: string },
    ) => {
      find(id: string): Promise<unknown>;
      send(id: string, file: () => Readable, size: number): Promise<unknown>;
      close(): Promise<void>;
    };
  };
  const server = await loopback((request, response, { url }) => {
    if (url === '/login') json(response, 200, { token: 'T', expiresIn: 3600 });
    else if (request.headers.authorization !== 'Bearer T') json(response, 401, {});
    else if (url === '/invoices/gone') json(response, 404, { code: 'NO_SUCH', message: 'no such invoice' });
    else json(response, 200, { id: 'a/b', more: true });
  });
  const client = new InvoiceClient(server.url, { user: 'u', password: 'p' });
  await expect(Promise.all([client.find('a/b'), client.find('gone')])).resolves.toEqual([
    { id: 'a/b', more: true },
    undefined,
  ]);
  await client.send('a/b', () => Readable.from([Buffer.from('file')]), 4);
  await client.close();
  const asked = server.seen.map(({ method, url, bytes }: Seen) => `${method} ${url} ${bytes}`);
  expect(asked[0]).toMatch(/^POST \/login/);
  expect(asked.slice(1).sort()).toEqual([
    'GET /invoices/a%2Fb 0',
    'GET /invoices/gone 0',
    'POST /invoices/a%2Fb/send 4',
  ]);
  await server.close();
});

it('no type of axios or of a schema library stands in a public signature', () => {
  const declared = new Map<string, string>();
  const program = ts.createProgram([join(home, 'src/index.ts')], {
    ...options,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: folder,
    rootDir: join(home, 'src'),
  });
  program.emit(undefined, (name, text) => declared.set(name, text));
  const reached = new Set<string>();
  const foreign = new Set<string>();
  const walk = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    const text = declared.get(name) ?? declared.get(name.replace(/\.d\.ts$/, '/index.d.ts'));
    if (text === undefined) throw new Error(`${name} was not made`);
    for (const [, from = ''] of text.matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
      if (from.startsWith('.')) walk(`${resolve(dirname(name), from)}.d.ts`);
      else foreign.add(from);
    }
  };
  walk(join(folder, 'index.d.ts'));
  expect(reached.size).toBeGreaterThan(20);
  expect([...foreign].filter((name) => !name.startsWith('node:'))).toEqual([]);
});
