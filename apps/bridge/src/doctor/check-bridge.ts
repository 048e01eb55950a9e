import type { BridgeConfig } from '../config/schema';
import type { Finding } from './finding';
import { takeNotes } from './finding';

interface Readiness {
  readonly ready?: boolean;
  readonly reasons?: readonly { readonly part: string; readonly reason: string }[];
}

/** Whether a bridge runs by this configuration, and what it says of itself. */
export async function checkBridge(
  { web, mode }: Pick<BridgeConfig, 'web' | 'mode'>,
  { signal }: { signal: AbortSignal },
): Promise<readonly Finding[]> {
  const notes = takeNotes('bridge');
  if (mode === 'observe') notes.ok('mode observe: nothing is forwarded, and no read flag is touched');
  const { port } = web.private;
  const host =
    web.private.host === '0.0.0.0' ? '127.0.0.1' : web.private.host === '::' ? '::1' : web.private.host;
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  if (port === 0) {
    notes.skip('web.private.port is 0: nobody knows where a running bridge listens');
    return notes.findings;
  }
  try {
    const answer = await fetch(`${address}/readyz`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(3_000)]),
    });
    const { ready, reasons } = (await answer.json()) as Readiness;
    if (ready === true) notes.ok(`one runs at ${address} and is ready`);
    for (const { part, reason } of reasons ?? [])
      notes.fail(
        `the one at ${address} is not ready: ${part}: ${reason}`,
        'It goes on by itself once that is mended.',
      );
  } catch {
    notes.ok(`none runs at ${address}`);
  }
  return notes.findings;
}
