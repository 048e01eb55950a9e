import type { Transport, TransportEvents } from '@mft-bridge/http-transport';
import type { OldName } from './schemas/old-names';

/** Advice about a call that went out all the same. */
export interface HintEvent {
  /** Name of the call, e.g. `messages.send`. */
  readonly operation: string;
  /** One or two sentences for people. */
  readonly notice: string;
}

/** What a client can be observed by. No event carries a secret. */
export interface As2GatewayEvents extends TransportEvents {
  /** Advice about a call that went out all the same. */
  hint: HintEvent;
}

/** The client's own events beside those of its transport. */
export interface ClientEvents {
  on<E extends keyof As2GatewayEvents>(event: E, listener: (event: As2GatewayEvents[E]) => void): () => void;
  /** An old name was read: told once for each name and process. */
  oldName(operation: string, name: OldName): void;
  hint(event: HintEvent): void;
}

type Listener<E extends keyof As2GatewayEvents> = (event: As2GatewayEvents[E]) => void;

/** Names that were told of, in this process: an answer a second must not mean a warning a second. */
const toldNames = new Set<string>();
/** Operations whose hint was printed; listeners hear every one. */
const printedHints = new Set<string>();

/** Events go to listeners, and as a warning of the process where nobody listens. */
export function createClientEvents(transport: Pick<Transport, 'on'>): ClientEvents {
  const deprecations = new Set<Listener<'deprecation'>>();
  const hints = new Set<Listener<'hint'>>();
  // Of its events all but `hint` are left here, which the compiler cannot see behind a type parameter.
  const observe = transport.on as (event: keyof As2GatewayEvents, listener: Listener<never>) => () => void;
  return {
    on(event, listener) {
      if (event === 'hint') return register(hints, listener as Listener<'hint'>);
      const removeOuter = observe(event, listener);
      if (event !== 'deprecation') return removeOuter;
      const removeOwn = register(deprecations, listener as Listener<'deprecation'>);
      return () => {
        removeOuter();
        removeOwn();
      };
    },
    oldName(operation, { old, replacedBy }) {
      if (toldNames.has(old)) return;
      toldNames.add(old);
      const notice =
        `The answer has a field under its old name "${old}" (now "${replacedBy.join('" or "')}"), which the vendor ` +
        'declared deprecated with version 3.1.1. This client reads both.';
      if (tell(deprecations, { operation, source: 'table', notice })) return;
      process.emitWarning(`${operation}: ${notice}`, {
        type: 'DeprecationWarning',
        code: 'MFT_BRIDGE_DEPRECATION',
      });
    },
    hint(event) {
      if (tell(hints, event) || printedHints.has(event.operation)) return;
      printedHints.add(event.operation);
      process.emitWarning(`${event.operation}: ${event.notice}`, { code: 'MFT_BRIDGE_HINT' });
    },
  };
}

function register<T>(listeners: Set<(event: T) => void>, listener: (event: T) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell<T extends object>(listeners: Set<(event: T) => void>, event: T): boolean {
  Object.freeze(event);
  for (const listener of listeners) {
    try {
      listener(event);
    } catch {
      // A broken observer must not break a transfer.
    }
  }
  return listeners.size > 0;
}

/** For tests, which share one process. */
export function forgetNotices(): void {
  toldNames.clear();
  printedHints.clear();
}
