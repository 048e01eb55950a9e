import type { BridgeConfig } from '../config/schema';

/** The one way out, as both clients take it. */
export function egressOptions({ proxy, noProxy, ca }: BridgeConfig['egress']) {
  return {
    noProxy,
    ...(proxy === null ? {} : { proxy: proxy.reveal() }),
    ...(ca === null ? {} : { ca }),
  };
}
