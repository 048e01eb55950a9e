import type { As2GatewaySandboxOptions } from '@mft-bridge/sandbox';
import type { As2GatewayClientOptions } from '../src/index';
import { startTestGateway } from '../src/testing';
import type { TestGateway } from '../src/testing';

/** A gateway and a client of it, both by one clock that the test moves. */
export type Pair = TestGateway;

/** A gateway that takes its time over a submit. */
export function startPair(
  options: As2GatewaySandboxOptions = {},
  client: Partial<As2GatewayClientOptions> = {},
): Promise<Pair> {
  return startTestGateway({ sandbox: { sendDelayMs: 1000, outboxHiddenMs: 500, ...options }, client });
}
