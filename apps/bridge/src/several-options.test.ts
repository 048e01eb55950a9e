import type { BridgeConfig } from './config/schema';
import { Secret } from './config/secret';
import type { KeyRing } from './custody/key-ring';
import { keyParts } from './several-options';

const ring = {
  keys: [{ id: 'one' }],
  newest: { id: 'one', secret: Buffer.alloc(32, 7) },
} as unknown as KeyRing;

function partsOf(apiKey: string, proxy: string | null = null): ReturnType<typeof keyParts> {
  return keyParts(ring, {
    scanner: { auth: { apiKey: new Secret(apiKey) } } as BridgeConfig['scanner'],
    egress: { proxy: proxy === null ? null : new Secret(proxy), noProxy: [], caFile: null, ca: null },
  });
}

test('bridges that would prove different scanners, or one by another account, can tell', () => {
  const parts = partsOf('key');
  expect(partsOf('key')).toEqual(parts);
  expect(partsOf('another').same).not.toEqual(parts.same);
  const elsewhere = partsOf('key', 'http://user:canary@proxy.example:3128');
  expect(elsewhere.same).toEqual(parts.same);
  expect(elsewhere.alike).not.toEqual(parts.alike);
  expect(JSON.stringify(elsewhere)).not.toContain('canary');
});
