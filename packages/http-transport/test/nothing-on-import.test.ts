import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/**
 * Read by `debug` (and `supports-color`, which it loads where it finds it), which follow-redirects loads, which axios
 * loads. Exact names: whatever else appears here after an update of axios is to be looked at.
 */
const readByDebug = ['(all names)', 'DEBUG', 'FORCE_COLOR'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mft-bridge-import-'));
  buildSync({
    entryPoints: [join(__dirname, '../src/index.ts')],
    outfile: join(folder, 'package.cjs'),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `code` in a fresh process in which all that reaches the outside is written down. */
function observed(code: string): { env: string[]; did: string[]; handles: string[] } {
  const script = `
    const env = new Set();
    const did = [];
    const handles = () => process.getActiveResourcesInfo().filter((one) => !/Pipe|TTY/.test(one));
    const note = (what, of, name) => {
      const original = of[name];
      of[name] = function (...given) { did.push(what + '.' + name); return original.apply(this, given); };
    };
    for (const name of ['setTimeout', 'setInterval', 'setImmediate']) note('global', globalThis, name);
    for (const name of ['on', 'once', 'addListener', 'prependListener', 'emitWarning']) note('process', process, name);
    for (const name of ['log', 'warn', 'error', 'info', 'debug']) note('console', console, name);
    const fs = require('node:fs');
    for (const [module, names] of Object.entries({
      'node:net': ['connect', 'createConnection', 'createServer'],
      'node:dns': ['lookup'],
      'node:http': ['request', 'get'],
      'node:https': ['request', 'get'],
      'node:child_process': ['spawn', 'exec', 'execFile'],
    })) for (const name of names) note(module, require(module), name);
    const globals = new Set(Object.getOwnPropertyNames(globalThis));
    const plain = process.env;
    // What Node itself reads (its fetch, when axios touches that; its cluster) is not ours to say.
    const read = (name) => { if (!/node:/.test(new Error().stack.split(String.fromCharCode(10))[3])) env.add(name); };
    const watched = new Proxy(plain, {
      get: (target, name) => { if (typeof name === 'string') read(name); return target[name]; },
      has: (target, name) => { read(String(name)); return name in target; },
      ownKeys: (target) => { read('(all names)'); return Reflect.ownKeys(target); },
      set: (target, name, value) => { read('(sets) ' + String(name)); target[name] = value; return true; },
    });
    Object.defineProperty(process, 'env', { value: watched });
    const own = require(${JSON.stringify('PACKAGE')});
    const report = () => {
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !globals.has(name)).map((name) => 'global ' + name);
    fs.writeFileSync(1, JSON.stringify({ env: [...env].sort(), did: [...did, ...added], handles: handles() }));
    };
    (async () => { ${code} })().then(report);
  `.replace('"PACKAGE"', JSON.stringify(join(folder, 'package.cjs')));
  const file = join(folder, 'observe.cjs');
  writeFileSync(file, script);
  // A proxy in the environment is what must not be noticed.
  const env = { ...process.env, http_proxy: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' };
  return JSON.parse(execFileSync(process.execPath, [file], { encoding: 'utf8', env })) as ReturnType<
    typeof observed
  >;
}

it('the import reads no environment, starts no timer, listens to nothing and opens nothing', () => {
  const { env, ...rest } = observed('');
  expect(env.filter((name) => !readByDebug.includes(name))).toEqual([]);
  expect(rest).toEqual({ did: [], handles: [] });
});

it('making a client does no more, and closing it leaves nothing', () => {
  const { env, ...rest } = observed(`
    const session = own.createTokenSession({ obtain: async () => ({ value: 't' }), present: ({ value }) => ({ name: 'a', value }) });
    const transport = own.createTransport({ baseUrl: 'https://api.example.com', session, limit: { perSecond: 1, burst: 1 } });
    transport.on('request', () => undefined);
    void transport.close();
  `);
  expect(env.filter((name) => !readByDebug.includes(name))).toEqual([]);
  expect(rest).toEqual({ did: [], handles: [] });
});

it('a call reads no environment either', () => {
  const { env } = observed(`
    const server = require('node:http').createServer((_, response) => response.end('{}'));
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    const transport = own.createTransport({ baseUrl: 'http://127.0.0.1:' + server.address().port });
    const operation = { name: 'a.b', method: 'GET', path: '/', safety: 'safe' };
    await transport.call(operation, undefined);
    await (await transport.download(operation, undefined)).body.toArray();
    await transport.close();
    server.close();
  `);
  expect(env.filter((name) => !readByDebug.includes(name))).toEqual([]);
});

it('the observation sees what it looks for', () => {
  const seen = observed(
    `process.env.CANARY; setTimeout(() => 0, 1e6).unref(); process.once('exit', () => 0); globalThis.left = 1;`,
  );
  expect(seen.env).toContain('CANARY');
  expect(seen.did).toEqual(expect.arrayContaining(['global.setTimeout', 'process.once', 'global left']));
});
