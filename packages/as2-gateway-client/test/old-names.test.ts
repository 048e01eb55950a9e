import { forgetNotices } from '../src/client-events';
import type { DeprecationEvent } from '../src/index';
import { startPair } from './start-pair';
import type { Pair } from './start-pair';

/** Reads something of each kind, twice. */
async function readAll({ sandbox, gateway }: Pair): Promise<void> {
  const attachments = [{ name: 'a', content: Buffer.from('a') }];
  const { messageId } = await sandbox.partner('ACME').send({ attachments });
  for (let count = 0; count < 2; count += 1) {
    await gateway.inbox.get(messageId);
    await gateway.messages.send({ from: 'HUB', to: 'ACME', attachments });
    await gateway.stations.list();
    for await (const { alias } of gateway.certificates.all()) expect(alias).not.toBe('');
  }
}

describe('old names in answers', () => {
  let pair: Pair | undefined;
  beforeEach(() => forgetNotices());
  afterEach(async () => {
    jest.restoreAllMocks();
    await pair?.close();
    pair = undefined;
  });

  it('are told once each, to whoever listens', async () => {
    pair = await startPair({ names: 'v1' }, { compat: 'v1' });
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const heard: DeprecationEvent[] = [];
    const remove = pair.gateway.on('deprecation', (event) => heard.push(event));
    await readAll(pair);
    const names = heard.map(({ notice }) => /"(\w+)"/.exec(notice)?.[1]).sort();
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(
      expect.arrayContaining([
        'api_token',
        'as2Identifier',
        'as2MessageId',
        'as2messageId',
        'senderAS2Id',
        'valid_from',
      ]),
    );
    expect(heard.every(({ source }) => source === 'table')).toBe(true);
    expect(warning).not.toHaveBeenCalled();
    remove();
    forgetNotices();
    await pair.gateway.stations.list();
    expect(warning).toHaveBeenCalledTimes(1);
  });

  it('are told as warnings of the process where nobody listens', async () => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    pair = await startPair({ names: 'v1' }, { compat: 'v1' });
    await pair.gateway.stations.list();
    await pair.connect().stations.list();
    const told = warning.mock.calls.map(([text]) => /"(\w+)"/.exec(String(text))?.[1]);
    expect(told.sort()).toEqual(['api_token', 'as2Identifier', 'refresh_token']);
    expect(warning.mock.calls[0]?.[1]).toMatchObject({
      type: 'DeprecationWarning',
      code: 'MFT_BRIDGE_DEPRECATION',
    });
  });

  it.each(['v2', 'both'] as const)('are no concern where the new ones are there: %s', async (names) => {
    const warning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    pair = await startPair({ names });
    await readAll(pair);
    expect(warning).not.toHaveBeenCalled();
  });
});
