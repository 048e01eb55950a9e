import { As2GatewayClient, isInvalidRequestError } from '../src/index';

const auth = { tokenId: 'i', tokenSecret: 's' };

// From JavaScript, or by way of a variable, TypeScript does not see them; ignored, the first would drain every station.
it.each<[string, (gateway: As2GatewayClient) => unknown, string]>([
  [
    'inbox.drain',
    (gateway) => gateway.inbox.drain({ stations: 'HUB' } as object).next(),
    'Did you mean station?',
  ],
  [
    'outbox.waitForDelivery',
    (gateway) => gateway.outbox.waitForDelivery('m', { timeout: 1 } as object),
    'Did you mean timeoutMs?',
  ],
  [
    'client.create',
    () => new As2GatewayClient({ auth, rateLimit: false } as never),
    'there is no option "rateLimit"',
  ],
])('%s refuses an option that does not exist', async (operation, work, words) => {
  const gateway = new As2GatewayClient({ auth });
  const error = await Promise.resolve()
    .then(() => work(gateway))
    .catch((thrown: unknown) => thrown);
  expect(isInvalidRequestError(error)).toBe(true);
  expect(error).toMatchObject({ operation, outcome: 'not-sent', message: expect.stringContaining(words) });
  await gateway.close();
});
