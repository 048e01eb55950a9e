import { As2GatewayClient } from '@mft-bridge/as2-gateway-client';
import type { BridgeConfig } from '../config/schema';
import { egressOptions } from './egress-options';

/** The gateway's client as the configuration wants it. */
export function openGateway({ gateway, egress }: BridgeConfig): As2GatewayClient {
  const { auth, requestsPerSecond, burst } = gateway;
  return new As2GatewayClient({
    baseUrl: gateway.baseUrl,
    auth:
      auth.tokenId !== undefined
        ? { tokenId: auth.tokenId.reveal(), tokenSecret: auth.tokenSecret.reveal() }
        : { username: auth.username.reveal(), password: auth.password.reveal() },
    limit: requestsPerSecond === false ? false : { perSecond: requestsPerSecond, burst },
    downloadHosts: gateway.downloadHosts,
    allowInsecureHttp: gateway.allowInsecureHttp,
    egress: egressOptions(egress),
  });
}
