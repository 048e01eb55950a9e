/** A transfer that runs now. */
export interface Transfer {
  readonly stage: 'fetch' | 'scan' | 'deliver';
  /** Our id; absent before the message is in custody. */
  readonly messageId?: string;
  readonly gatewayMessageId: string;
  /** The attachment's name as the partner wrote it: data, to be escaped wherever it is shown. */
  readonly name: string;
  /** Bytes moved so far. */
  readonly bytes: number;
  /** Bytes in all; null where nobody said. */
  readonly total: number | null;
}

export type ServiceName = 'gateway' | 'scanner';

export interface ServiceState {
  readonly name: ServiceName;
  readonly up: boolean;
  /** Epoch ms of the last change. */
  readonly since: number;
  readonly reason?: string;
}

/** A step of the runner that hangs: it has neither ended nor moved a byte for longer than any call may take. */
export interface StalledStep {
  readonly stage: string;
  readonly messageId: string;
  readonly subject: string;
  readonly forMs: number;
}

export interface ActivitySnapshot {
  readonly transfers: readonly Transfer[];
  readonly services: readonly ServiceState[];
  readonly intake: { readonly paused: boolean; readonly reason?: string };
  /** Absent where there are none, as it should be. */
  readonly stalled?: readonly StalledStep[];
}

export interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly { readonly part: string; readonly reason: string }[];
}

export interface TransferHandle {
  /** `bytes` is the total so far, not what came since the last call. */
  progress(bytes: number): void;
  /** Idempotent. */
  end(): void;
}

/** What the process is doing right now. Kept in memory only: after a restart it is filled anew by doing. */
export interface Activity {
  /** Notes a transfer until its handle ends. */
  begin(transfer: Omit<Transfer, 'bytes'>): TransferHandle;
  /** @returns whether that is news: then it is worth a line in the log */
  serviceUp(name: ServiceName): boolean;
  /** @returns whether that is news; another reason while it is down is none */
  serviceDown(name: ServiceName, reason: string): boolean;
  /** @returns whether that is news */
  pauseIntake(reason: string): boolean;
  /** @returns whether that is news */
  resumeIntake(): boolean;
  /** Why intake is paused; null while it runs. */
  intakePause(): string | null;
  /** A part other than services and intake cannot work; null takes that back. */
  impair(part: string, reason: string | null): void;
  /** The steps that hang now. */
  showStalled(steps: readonly StalledStep[]): void;
  snapshot(): ActivitySnapshot;
  /** Ready when both services answer, intake runs and no part is impaired. */
  readiness(): Readiness;
}

/**
 * Makes an empty record of activity. Both services count as down until the first answer: ready means "it works",
 * not "nothing has failed yet".
 *
 * @example
 * const activity = createActivity({ now: Date.now });
 * const transfer = activity.begin({ stage: 'fetch', gatewayMessageId, name: 'order.edi', total: 1_024 });
 * transfer.progress(512);
 * transfer.end();
 */
export function createActivity({ now }: { readonly now: () => number }): Activity {
  const transfers = new Set<Transfer>();
  const services = new Map<ServiceName, ServiceState>();
  const impaired = new Map<string, string>();
  let paused: string | null = null;
  let stalled: readonly StalledStep[] = [];
  for (const name of ['gateway', 'scanner'] as const) {
    services.set(name, { name, up: false, since: now(), reason: 'it has not answered since the start' });
  }

  function begin(transfer: Omit<Transfer, 'bytes'>): TransferHandle {
    const entry = { ...transfer, bytes: 0 };
    transfers.add(entry);
    return {
      progress: (bytes) => {
        entry.bytes = bytes;
      },
      end: () => {
        transfers.delete(entry);
      },
    };
  }

  function changeService(name: ServiceName, up: boolean, reason?: string): boolean {
    const known = services.get(name);
    const changed = known?.up !== up;
    const since = changed ? now() : known.since;
    services.set(name, { name, up, since, ...(reason === undefined ? {} : { reason }) });
    return changed;
  }

  function setPause(reason: string | null): boolean {
    const changed = (paused === null) !== (reason === null);
    paused = reason;
    return changed;
  }

  return {
    begin,
    serviceUp: (name) => changeService(name, true),
    serviceDown: (name, reason) => changeService(name, false, reason),
    pauseIntake: (reason) => setPause(reason),
    resumeIntake: () => setPause(null),
    intakePause: () => paused,
    impair: (part, reason) => {
      if (reason === null) impaired.delete(part);
      else impaired.set(part, reason);
    },
    showStalled: (steps) => {
      stalled = steps;
    },
    snapshot: () => ({
      transfers: [...transfers].map((transfer) => ({ ...transfer })),
      services: [...services.values()],
      intake: paused === null ? { paused: false } : { paused: true, reason: paused },
      ...(stalled.length === 0 ? {} : { stalled }),
    }),
    readiness: () => {
      const reasons: { part: string; reason: string }[] = [...services.values()]
        .filter(({ up }) => !up)
        .map(({ name, reason }) => ({ part: name, reason: reason ?? 'it does not answer' }));
      if (paused !== null) reasons.push({ part: 'intake', reason: paused });
      for (const [part, reason] of impaired) reasons.push({ part, reason });
      return { ready: reasons.length === 0, reasons };
    },
  };
}
