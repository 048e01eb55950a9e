import type { BridgeMessage, BridgeView } from './bridge-api';
import type { Hashed } from './sandbox-api';
import type { Outcome, Scene } from './scenario';

/** A scene that was sent, with what the sandbox says was sent. */
export interface SentScene {
  readonly scene: Pick<Scene, 'title' | 'messageId'> & { readonly expected: Outcome | null };
  /** Null while the sandbox is being asked to send it, or it waits for its turn. */
  readonly attachments: readonly Hashed[] | null;
}

/** One line of the table. */
export interface Row {
  readonly title: string;
  readonly status:
    | 'not sent'
    | 'at the gateway'
    | 'taken'
    | 'fetching'
    | 'scanning'
    | 'deciding'
    | 'delivering'
    | Outcome
    | 'other';
  /** Reason for whatever waits or did not go out; empty otherwise. */
  readonly detail: string;
  /** 0..1 while bytes move. */
  readonly progress: number | null;
  readonly final: boolean;
  readonly expected: Outcome | null;
}

/** Draws each sent scene from what the bridge says about it right now. Pure. */
export function drawRows(sent: readonly SentScene[], view: BridgeView | undefined): readonly Row[] {
  return sent.map((entry, position) => drawRow(entry, earlierTwins(sent, position), view));
}

/** How many scenes before this one were the very same message. */
function earlierTwins(sent: readonly SentScene[], position: number): number {
  const key = identity(sent[position]);
  return sent.slice(0, position).filter((other) => key !== null && identity(other) === key).length;
}

function identity(entry: SentScene | undefined): string | null {
  if (entry?.attachments == null) return null;
  return JSON.stringify([entry.scene.messageId, entry.attachments.map(({ sha256 }) => sha256)]);
}

function drawRow({ scene, attachments }: SentScene, twins: number, view: BridgeView | undefined): Row {
  const base = { title: scene.title, expected: scene.expected, detail: '', progress: null, final: false };
  if (attachments === null) return { ...base, status: 'not sent' };
  const message = view?.messages.find((candidate) => isAbout(candidate, scene.messageId, attachments));
  const transfer = view?.activity.transfers.find(
    ({ gatewayMessageId, name }) =>
      gatewayMessageId === scene.messageId &&
      attachments.some((attachment) => name.includes(attachment.name)),
  );
  const progress = transfer?.total ? Math.min(1, transfer.bytes / transfer.total) : null;
  if (message === undefined || (twins > 0 && message.resends < twins)) {
    return transfer?.stage === 'fetch'
      ? { ...base, status: 'fetching', progress }
      : { ...base, status: 'at the gateway', detail: away(view, 'gateway') };
  }
  if (twins > 0)
    return {
      ...base,
      status: 'duplicate',
      detail: 'known by id and content: not forwarded again',
      final: true,
    };
  return { ...base, ...drawKnown(message), progress: isFinal(message) ? null : progress };
}

function isAbout(message: BridgeMessage, messageId: string, attachments: readonly Hashed[]): boolean {
  return (
    message.gatewayMessageId === messageId &&
    message.attachments.map(({ sha256 }) => sha256).join() === attachments.map(({ sha256 }) => sha256).join()
  );
}

const outcomes: readonly string[] = ['forwarded', 'quarantined', 'held'];
const working: readonly string[] = ['scanning', 'deciding', 'delivering'];

function isFinal({ state }: BridgeMessage): boolean {
  return !working.includes(state);
}

function drawKnown(message: BridgeMessage): Pick<Row, 'status' | 'detail' | 'final'> {
  const { state, reasons, waiting } = message;
  const why = reasons.map(({ text }) => text).join(' ');
  if (outcomes.includes(state)) return { status: state as Outcome, detail: why, final: true };
  if (working.includes(state))
    return { status: state as Row['status'], detail: waiting?.why ?? '', final: false };
  return { status: 'other', detail: `${state}: ${why}`, final: true };
}

function away(view: BridgeView | undefined, service: string): string {
  if (view === undefined) return 'the bridge is down';
  const state = view.activity.services.find(({ name }) => name === service);
  if (view.activity.intake.paused) return `intake is paused: ${view.activity.intake.reason ?? ''}`;
  return state?.up === false ? `${service} is away: ${state.reason ?? ''}` : '';
}
