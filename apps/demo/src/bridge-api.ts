/** A message as the bridge's private listener shows it; only what the demo draws. */
export interface BridgeMessage {
  readonly id: string;
  readonly gatewayMessageId: string;
  readonly partner: string;
  readonly state: string;
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  readonly waiting?: { readonly stage: string; readonly why: string | null; readonly dueAt: number };
  readonly attachments: readonly {
    readonly name: string;
    readonly size: number;
    readonly sha256: string;
    readonly verdict?: string;
  }[];
  readonly resends: number;
}

export interface BridgeActivity {
  readonly transfers: readonly {
    readonly stage: string;
    readonly gatewayMessageId: string;
    readonly name: string;
    readonly bytes: number;
    readonly total: number | null;
  }[];
  readonly services: readonly { readonly name: string; readonly up: boolean; readonly reason?: string }[];
  readonly intake: { readonly paused: boolean; readonly reason?: string };
}

export interface BridgeView {
  readonly messages: readonly BridgeMessage[];
  readonly activity: BridgeActivity;
}

/** Reads the bridge's private listener. @returns undefined while the bridge does not answer (it may just have been killed) */
export async function readBridge(url: string, token: string): Promise<BridgeView | undefined> {
  try {
    const [messages, activity] = await Promise.all([
      get('/api/v1/messages?limit=100'),
      get('/api/v1/activity'),
    ]);
    return {
      messages: (messages as { messages: BridgeMessage[] }).messages,
      activity: activity as BridgeActivity,
    };
  } catch {
    return undefined;
  }

  async function get(path: string): Promise<unknown> {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(2_000),
    });
    if (!response.ok) throw new Error(`the bridge answered ${String(response.status)}`);
    return response.json();
  }
}
