import type { Scene } from './scenario';

export interface Hashed {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

/** What the sandbox saw with its own eyes; the bridge has no hand in it. */
export interface Observation {
  readonly sent: readonly {
    readonly messageId: string;
    readonly from: string;
    readonly at: number;
    readonly attachments: readonly Hashed[];
  }[];
  readonly received: readonly {
    readonly partner: string;
    readonly messageId: string;
    readonly subject?: string;
    readonly attachments: readonly Hashed[];
  }[];
  readonly scanned: readonly {
    readonly sha256: string;
    readonly verdict: 'allowed' | 'blocked' | 'unscannable' | 'sanitized';
    readonly sanitizedSha256?: string;
    readonly reason?: string;
  }[];
}

export interface SandboxHealth {
  readonly gateway: {
    readonly url: string;
    readonly plugged: boolean;
    readonly credentials: { readonly tokenId: string; readonly tokenSecret: string };
  };
  readonly scanner: { readonly url: string; readonly apiKey: string; readonly plugged: boolean };
}

export interface SandboxApi {
  health(): Promise<SandboxHealth>;
  send(
    scene: Pick<Scene, 'partner' | 'messageId' | 'subject' | 'attachments'>,
  ): Promise<{ readonly messageId: string; readonly attachments: readonly Hashed[] }>;
  observe(): Promise<Observation>;
  setPlugged(service: 'gateway' | 'scanner', plugged: boolean): Promise<void>;
}

/** Speaks to the control listener of the sandbox process. */
export function createSandboxApi(controlUrl: string): SandboxApi {
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${controlUrl}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok)
      throw new Error(
        `the sandbox answered ${String(response.status)} to ${method} ${path}: ${text.slice(0, 300)}`,
      );
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  }
  return {
    health: async () => (await call('GET', '/health')) as SandboxHealth,
    send: async ({ partner, messageId, subject, attachments }) =>
      (await call('POST', `/partners/${partner}/send`, {
        to: 'HUB',
        messageId,
        subject,
        attachments,
      })) as Awaited<ReturnType<SandboxApi['send']>>,
    observe: async () => (await call('GET', '/observer')) as Observation,
    setPlugged: async (service, plugged) => {
      await call('POST', `/services/${service}/${plugged ? 'plug' : 'unplug'}`);
    },
  };
}
