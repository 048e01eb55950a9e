import { inspect } from 'node:util';
import { collectSecrets, Secret } from './secret';

const canary = 'canary-5f1e9c';
const secret = new Secret(canary);

test.each<[string, () => string]>([
  ['String', () => String(secret)],
  ['a template', () => `token: ${secret as unknown as string}`],
  ['JSON', () => JSON.stringify({ secret, list: [secret] })],
  [
    'inspect with everything shown',
    () => inspect({ secret }, { depth: 9, showHidden: true, getters: true, customInspect: false }),
  ],
  ['inspect', () => inspect(secret)],
  ['its own properties', () => JSON.stringify([Object.assign({}, secret), Reflect.ownKeys(secret)])],
  ['a structured clone', () => inspect(structuredClone(Object.assign({}, secret)), { showHidden: true })],
  ['an error about it', () => inspect(new Error('x', { cause: secret }))],
])('%s does not show it', (_name, print) => {
  expect(print()).not.toContain(canary);
});

test('prints as [secret], and is read by reveal alone', () => {
  expect(inspect({ secret })).toBe('{ secret: [secret] }');
  expect(JSON.stringify({ secret })).toBe('{"secret":"[secret]"}');
  expect(secret.reveal()).toBe(canary);
});

test('one that was left where it is fails when it is read', () => {
  expect(() => new Secret(null).reveal()).toThrow(/was not read/);
});

test('all secrets of a configuration are found', () => {
  const other = new Secret('other');
  expect(collectSecrets({ a: secret, b: [{ c: other }], d: 'x', e: null, f: 1 })).toEqual([secret, other]);
});
