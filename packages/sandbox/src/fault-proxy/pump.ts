import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Direction, ProxyFault } from './proxy-fault';

/** A slow line moves a step this often. */
const STEP_MS = 20;

/** One direction of a connection. */
export interface Pump {
  readonly direction: Direction;
  readonly from: Socket;
  readonly to: Socket;
  readonly faults: readonly ProxyFault[];
  /** Told of the bytes moved. */
  readonly moved: (bytes: number) => void;
}

type StopFault = Exclude<ProxyFault, { kind: 'rate' }>;

/** Moves bytes until the end, or until a fault of this direction stops it. Never rejects. */
export async function pump({ direction, from, to, faults, moved }: Pump): Promise<void> {
  const over = new AbortController();
  // Not of `from`: it may be closed long before a slow line has delivered what it sent.
  to.once('close', () => over.abort());
  const mine = faults.filter((fault) => (fault.direction ?? 'up') === direction);
  const rates = mine.flatMap((fault) => (fault.kind === 'rate' ? [fault.bytesPerSecond] : []));
  const rate = Math.min(Infinity, ...rates);
  const step = rate === Infinity ? Infinity : Math.max(1, Math.floor((rate * STEP_MS) / 1000));
  const stops = mine
    .filter((fault): fault is StopFault => fault.kind !== 'rate')
    .sort((a, b) => place(a) - place(b));
  let total = 0;

  /** Lets what is due strike; false where nothing more is to be moved. */
  async function strike(): Promise<boolean> {
    for (let next = stops[0]; next !== undefined && place(next) <= total; next = stops[0]) {
      stops.shift();
      if (!(await stop(next, from, to, over.signal))) return false;
    }
    return true;
  }

  try {
    if (!(await strike())) return;
    for await (const chunk of from.iterator({ destroyOnReturn: false }))
      for (let rest = chunk as Buffer; rest.length > 0;) {
        const room = stops[0] === undefined ? Infinity : place(stops[0]) - total;
        const piece = rest.subarray(0, Math.min(rest.length, room, step));
        rest = rest.subarray(piece.length);
        await send(to, piece, over.signal);
        total += piece.length;
        moved(piece.length);
        if (!(await strike())) return;
        if (rate !== Infinity) await wait((piece.length / rate) * 1000, undefined, { signal: over.signal });
      }
    to.end();
  } catch {
    // One of the two is gone: the listeners for its error have told the other.
    if (!to.destroyed) to.destroySoon();
  }
}

/** Resolves to whether this direction goes on. */
async function stop(fault: StopFault, from: Socket, to: Socket, signal: AbortSignal): Promise<boolean> {
  switch (fault.kind) {
    case 'reset':
      for (const socket of [from, to]) socket.resetAndDestroy();
      return false;
    case 'cut':
      for (const socket of [from, to]) socket.destroySoon();
      return false;
    case 'half-close':
      to.end();
      // What still comes goes nowhere, so that its sender does not notice.
      from.resume();
      return false;
    case 'stall':
      if (fault.forMs === undefined) return false;
      await wait(fault.forMs, undefined, { signal });
      return true;
  }
}

function place(fault: StopFault): number {
  return typeof fault.afterBytes === 'number' ? fault.afterBytes : 0;
}

/** Resolves when there is room for more. */
async function send(to: Socket, piece: Buffer, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new Error('The connection is over.');
  if (to.write(piece)) return;
  await new Promise<void>((resolve, reject) => {
    to.once('drain', resolve);
    signal.addEventListener('abort', () => reject(new Error('The connection is over.')), { once: true });
  });
}
