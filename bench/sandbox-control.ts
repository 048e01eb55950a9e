export interface SandboxServices {
  readonly gateway: {
    readonly url: string;
    readonly credentials: { readonly tokenId: string; readonly tokenSecret: string };
  };
  readonly scanner: { readonly url: string; readonly apiKey: string };
}

export type SentFile =
  | { readonly name: string; readonly base64: string }
  | { readonly name: string; readonly generate: { readonly bytes: number; readonly seed: string } };

export interface Sent {
  readonly messageId: string;
  /** Epoch ms from which the message stands unread at the gateway. */
  readonly at: number;
  readonly attachments: readonly { readonly sha256: string }[];
}

export interface Seen {
  readonly sent: readonly Sent[];
  /** What really arrived at AS2 partners. */
  readonly received: readonly Pick<Sent, 'attachments'>[];
  readonly calls: Readonly<Record<string, number>>;
}

/** Plays the partners, and says what really happened. */
export interface SandboxControl {
  readonly services: SandboxServices;
  send(partner: string, file: SentFile): Promise<Sent>;
  observe(): Promise<Seen>;
}

/** @param state what the sandbox wrote into its state file */
export async function openSandboxControl(state: string): Promise<SandboxControl> {
  const { control } = JSON.parse(state) as { control: { url: string } };
  const call = async <T>(path: string, body?: object): Promise<T> => {
    const request = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const response = await fetch(
      `${control.url}${path}`,
      body === undefined ? {} : { ...request, body: JSON.stringify(body) },
    );
    if (!response.ok) throw new Error(`the sandbox answered ${String(response.status)} to ${path}`);
    return (await response.json()) as T;
  };
  return {
    services: await call<SandboxServices>('/health'),
    send: (partner, file) =>
      call<Sent>(`/partners/${partner}/send`, { to: 'HUB', subject: 'bench', attachments: [file] }),
    observe: () => call<Seen>('/observer'),
  };
}
