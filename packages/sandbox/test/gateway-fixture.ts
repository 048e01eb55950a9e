import { randomBytes } from 'node:crypto';
import type { As2GatewaySandbox, As2GatewaySandboxOptions } from '../src/index';
import { startAs2GatewaySandbox } from '../src/index';

/** What JSON.parse makes of an answer; the expectations say what it has to be. */
export type Json = ReturnType<typeof JSON.parse>;

/** A gateway whose clock is moved by hand, and plain fetch to talk to it. */
export interface GatewayFixture {
  readonly gateway: As2GatewaySandbox;
  readonly token: string;
  /** Moves the clock. */
  pass(ms: number): void;
  call(method: string, path: string, init?: RequestInit): Promise<Response>;
  json(method: string, path: string, init?: RequestInit): Promise<Json>;
  list(path: string): Promise<string[]>;
}

export async function login(gateway: As2GatewaySandbox, body?: object): Promise<Response> {
  const { tokenId, tokenSecret } = gateway.credentials;
  return fetch(`${gateway.url}/authorize`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body ?? { tokenID: tokenId, tokenSecret }),
  });
}

export async function gatewayFixture(options: As2GatewaySandboxOptions = {}): Promise<GatewayFixture> {
  let now = Date.UTC(2026, 0, 5, 8);
  const gateway = await startAs2GatewaySandbox({ clock: () => now, ...options });
  const answer = (await (await login(gateway)).json()) as Record<string, string>;
  const token = answer['apiToken'] ?? answer['api_token'] ?? '';
  const call = (method: string, path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(`${gateway.url}${path}`, {
      method,
      ...init,
      headers: { Authorization: token, ...(init.headers as Record<string, string> | undefined) },
    });
  const json = async (method: string, path: string, init?: RequestInit): Promise<Json> =>
    (await call(method, path, init)).json();
  return {
    gateway,
    token,
    pass: (ms) => void (now += ms),
    call,
    json,
    list: async (path) => (await json('GET', path)).messages,
  };
}

/** One small attachment of random bytes. */
export function attachment(name = 'order.edi', content: Buffer = randomBytes(100)) {
  return { name, content, contentType: 'application/edi-x12' };
}

export const segment = encodeURIComponent;

/** Self-signed, of nobody; its key was thrown away. CN=partner.example, OU=Tests, O=Example, C=DE. */
export const CERTIFICATE =
  'MIIB3TCCAYOgAwIBAgIKEjRWeJCrze8SNDAKBggqhkjOPQQDAjBJMQswCQYDVQQGEwJERTEQMA4GA1UECgwHRXhhbXBsZTEOMAwGA1UECwwFVGVzdHMxGDAWBgNVBAMMD3BhcnRuZXIuZXhhbXBsZTAeFw0yNjExMjIwMjA3MDBaFw0zNjExMTkwMjA3MDBaMEkxCzAJBgNVBAYTAkRFMRAwDgYDVQQKDAdFeGFtcGxlMQ4wDAYDVQQLDAVUZXN0czEYMBYGA1UEAwwPcGFydG5lci5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJvF4d0Jp6q9x5NcJd5okZKp178CZB6b77HSz4KVMoOxGlTeVrWvLUIP2/iTAhkQSav8Qqk9+UUbZ+pFKaEen16NTMFEwHQYDVR0OBBYEFJjUAL05pmxcY+wJKKZpeTV9qeFSMB8GA1UdIwQYMBaAFJjUAL05pmxcY+wJKKZpeTV9qeFSMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgH1Wkfx1CWv9rsMaeXAqjBq+lm1s1thzRpehS61KkN04CIQCbz787J0zSxuujrYKk/F2Oe8VNY9qdTYkgz3SBp/Q4AA==';
