import type { As2GatewaySandbox } from '../gateway/as2-gateway-sandbox';
import type { SandboxClock } from '../sandbox-clock';
import type { MetaDefenderSandbox } from '../scanner/metadefender-sandbox';

/** The clocks of a sandbox: one that both services follow, and what either differs from it. */
export interface SandboxClocks {
  readonly both: SandboxClock;
  readonly gateway: SandboxClock;
  readonly scanner: SandboxClock;
}

/** What the control listener controls. */
export interface ControlContext {
  readonly gateway: As2GatewaySandbox;
  readonly scanner: MetaDefenderSandbox;
  readonly clocks: SandboxClocks;
  /** Ends the whole process, after the answer left. */
  readonly stop: () => void;
}
