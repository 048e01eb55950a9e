import { inspect } from 'node:util';
import { createTransport } from '../src/index';
import type * as Package from '../src/index';

/** What the loading of a module reads from the environment. */
function readsOf(load: () => void): string[] {
  const real = process.env;
  const read = new Set<string>();
  process.env = new Proxy(real, {
    get: (env, name: string) => {
      read.add(name);
      return env[name];
    },
    ownKeys: (env) => {
      read.add('(all)');
      return Reflect.ownKeys(env);
    },
  });
  try {
    load();
  } finally {
    process.env = real;
  }
  return [...read];
}

it('reads no environment, starts no timer and touches nothing global, on import and on making a transport', () => {
  const timers = [jest.spyOn(global, 'setTimeout'), jest.spyOn(global, 'setInterval')];
  const globals = Reflect.ownKeys(globalThis);
  const listeners = process.eventNames().map((name) => [name, process.listenerCount(name)]);
  const reads = readsOf(() => {
    jest.isolateModules(() => {
      // eslint-disable-next-line @typescript-eslint/no-require-imports -- the import itself is the point
      const fresh = require('../src/index') as typeof Package;
      fresh.createTransport({ baseUrl: 'https://api.example.com', egress: { proxy: 'http://127.0.0.1:9' } });
    });
  });
  expect(reads).toEqual([]);
  for (const timer of timers) {
    expect(timer).not.toHaveBeenCalled();
    timer.mockRestore();
  }
  expect(Reflect.ownKeys(globalThis)).toEqual(globals);
  expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(listeners);
});

it('a transport holds no process open that has made no call', () => {
  const before = process.getActiveResourcesInfo();
  const transport = createTransport({ baseUrl: 'https://api.example.com' });
  expect(inspect(process.getActiveResourcesInfo())).toBe(inspect(before));
  void transport.close();
});
