import { suggest } from './suggestion';

const known = ['baseUrl', 'stations', 'requestsPerSecond', 'burst', 'downloadHosts'];

test.each([
  ['statoins', 'stations'],
  ['station', 'stations'],
  ['baseURL', 'baseUrl'],
  ['base_url', 'baseUrl'],
  ['requests-per-second', 'requestsPerSecond'],
  ['brust', 'burst'],
])('%s was meant to be %s', (word, meant) => {
  expect(suggest(word, known)).toBe(meant);
});

test('says nothing where nothing is near', () => {
  expect(suggest('on', known)).toBeUndefined();
  expect(suggest('timeout', known)).toBeUndefined();
  expect(suggest('x', [])).toBeUndefined();
});
