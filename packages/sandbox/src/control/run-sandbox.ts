import { startAs2GatewaySandbox } from '../gateway/as2-gateway-sandbox';
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
    const gateway = await startAs2GatewaySandbox({ port: options.gatewayPort, filesPort: options.filesPort });
    started.push(gateway);
    const scanner = await startMetaDefenderSandbox({
      ...(options.scannerPort === undefined ? {} : { port: options.scannerPort }),
      ...(options.scanTimeMs === undefined ? {} : { scanTimeMs: options.scanTimeMs }),
    });
    started.push(scanner);
    const app = createControlApp({ gateway, scanner, stop });
    const control = await startServer(app, { port: options.controlPort });
    started.push(control);
    return { ready: { control: { url: control.url }, ...health({ gateway, scanner }) }, stopped, close };
  } catch (error) {
    await close();
    throw error;
  }
}
