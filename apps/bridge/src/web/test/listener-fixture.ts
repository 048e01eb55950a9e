import { pino } from 'pino';
import { countingIds } from '../../../test/build-message';
import { Secret } from '../../config/secret';
import type { TemporaryLedger } from '../../ledger/test/temporary-ledger';
import { openTemporaryLedger } from '../../ledger/test/temporary-ledger';
import { createActivity } from '../../telemetry/activity';
import type { HttpListener } from '../http-listener';
import type { PrivateListenerDependencies } from '../private-listener';
import { createPrivateListener } from '../private-listener';

export const token = 'canary-token-of-the-web';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed where it is JSON; tests say by their expectations what it is. */
  readonly body: ReturnType<typeof JSON.parse>;
}

export interface ListenerFixture {
  readonly temporary: TemporaryLedger;
  readonly activity: ReturnType<typeof createActivity>;
  readonly listener: HttpListener;
  readonly url: string;
  /** Lines of the log. */
  readonly lines: string[];
  readonly dependencies: PrivateListenerDependencies;
  get(path: string, options?: RequestInit): Promise<Answer>;
  close(): Promise<void>;
}

/** A real listener on loopback over a real ledger; its clock stands at 7. */
export async function openListener(): Promise<ListenerFixture> {
  const temporary = await openTemporaryLedger();
  const activity = createActivity({ now: () => 7 });
  const lines: string[] = [];
  const dependencies = {
    token: new Secret(token),
    ledger: temporary.ledger,
    activity,
    metrics: {
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
      scrape: () => Promise.resolve('up 1\n'),
    },
    newId: countingIds('c'),
    now: () => 7,
    asked: () => undefined,
    log: pino({}, { write: (line: string) => void lines.push(line) }),
  };
  const listener = createPrivateListener(dependencies);
  const { url } = await listener.listen({ host: '127.0.0.1', port: 0 });
  return {
    temporary,
    activity,
    listener,
    url,
    lines,
    dependencies,
    async get(path, options = { headers: { authorization: `Bearer ${token}` } }) {
      const response = await fetch(url + path, options);
      const text = await response.text();
      const json = response.headers.get('content-type')?.startsWith('application/json') === true;
      return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
    },
    async close() {
      await listener.close();
      await temporary.close();
    },
  };
}
