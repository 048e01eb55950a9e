import { MetaDefenderClient } from '@mft-bridge/metadefender-mft-client';
import type { BridgeConfig } from '../config/schema';
import { egressOptions } from './egress-options';

/** The scanner's client as the configuration wants it. */
export function openScanner({ scanner, egress }: BridgeConfig): MetaDefenderClient {
  const { auth } = scanner;
  return new MetaDefenderClient({
    baseUrl: scanner.baseUrl,
    auth:
      'apiKey' in auth
        ? { apiKey: auth.apiKey.reveal() }
        : { username: auth.username.reveal(), password: auth.password.reveal() },
    allowInsecureHttp: scanner.allowInsecureHttp,
    egress: egressOptions(egress),
    // One bound for all uploads together, whatever the number of files: memory must not grow with them.
    uploadBufferBytes: 32 * 1024 * 1024,
  });
}
