import { randomBytes } from 'node:crypto';

/** Secrets that a run works with, made so that a search finds them wherever they turn up. */
export interface Canaries {
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly apiKey: string;
  readonly webToken: string;
  readonly webhookSecret: string;
  /** Of the ledger's server, where there is one. */
  readonly ledgerPassword: string;
  /** Names of the canaries that stand in a text. */
  findIn(text: string): readonly string[];
}

/** What only the services know and the bridge is given on the way: query strings of pre-signed addresses, session tokens. */
const shapes: Readonly<Record<string, RegExp>> = {
  'a pre-signed query string': /X-Amz-(?:Signature|Credential)=[0-9A-Za-z%/]{8}/,
  'a session token': /\beyJ[\w-]{16,}\.[\w-]{16,}/,
};

export function makeCanaries(): Canaries {
  const make = (what: string): string => `canary-${what}-${randomBytes(12).toString('hex')}`;
  const secrets = {
    tokenSecret: make('token-secret'),
    apiKey: make('api-key'),
    webToken: make('web-token'),
    webhookSecret: make('webhook-secret'),
    ledgerPassword: make('ledger-password'),
  };
  return {
    ...secrets,
    tokenId: `chaos-${randomBytes(4).toString('hex')}`,
    findIn(text) {
      const words = Object.entries(secrets).filter(([, secret]) => text.includes(secret));
      const shaped = Object.entries(shapes).filter(([, shape]) => shape.test(text));
      return [...words, ...shaped].map(([name]) => name);
    },
  };
}
