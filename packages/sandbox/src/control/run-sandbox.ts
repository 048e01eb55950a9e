import { startAs2GatewaySandbox } from '../gateway/as2-gateway-sandbox';
import type { Generation } from '../gateway/names';
import { createSandboxClock } from '../sandbox-clock';
import { startMetaDefenderSandbox } from '../scanner/metadefender-sandbox';
import { startServer } from '../server';
import { createControlApp, health } from './control-app';

/** Options of the command; ports default to any free one. */
export interface RunOptions {
  readonly gatewayPort?: number | undefined;
  readonly filesPort?: number | undefined;
  readonly scannerPort?: number | undefined;
  readonly controlPort?: number | undefined;
  /** How long the scanner takes for a file. Default 0. */
  readonly scanTimeMs?: number | undefined;
  /** Of both services, for what faults leave to chance. Default: one at random for each. */
  readonly seed?: string | undefined;
  /** Generation of names that the gateway speaks. Default `v2`. */
  readonly names?: Generation | undefined;
  /** Where the gateway's webhooks go. Default: nowhere. */
  readonly webhookUrl?: string | undefined;
}

/** Both services and their control listener. */
export interface RunningSandbox {
  /** Addresses and credentials, as `GET /health` and `control.url`. */
  readonly ready: object;
  /** Resolves after `POST /stop`, or after `close`. */
  readonly stopped: Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts everything on loopback.
 *
 * @throws Error where a port is taken; nothing is left running then.
 */
export async function runSandbox(options: RunOptions = {}): Promise<RunningSandbox> {
  const started: { close(): Promise<void> }[] = [];
  let stop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  let closing: Promise<void> | undefined;
  function close(): Promise<void> {
    closing ??= Promise.all(started.map((service) => service.close())).then(() => stop());
    return closing;
  }
  try {
    const both = createSandboxClock();
    const clocks = {
      both,
      gateway: createSandboxClock(both.now),
      scanner: createSandboxClock(both.now),
    };
    const { names, webhookUrl, scanTimeMs, seed } = options;
    const gateway = await startAs2GatewaySandbox({
      port: options.gatewayPort,
      filesPort: options.filesPort,
      clock: clocks.gateway.now,
      seed,
      ...(names === undefined ? {} : { names }),
      ...(webhookUrl === undefined ? {} : { webhooks: [{ url: webhookUrl }] }),
    });
    started.push(gateway);
    const scanner = await startMetaDefenderSandbox({
      port: options.scannerPort,
      clock: clocks.scanner.now,
      seed,
      ...(scanTimeMs === undefined ? {} : { scanTimeMs }),
    });
    started.push(scanner);
    const app = createControlApp({ gateway, scanner, clocks, stop });
    const control = await startServer(app, { port: options.controlPort });
    started.push(control);
    return { ready: { control: { url: control.url }, ...health({ gateway, scanner }) }, stopped, close };
  } catch (error) {
    await close();
    throw error;
  }
}
