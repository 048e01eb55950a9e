import { readFile } from 'node:fs/promises';
import { rootCertificates } from 'node:tls';
import { z } from 'zod';
import {
  baseUrl,
  duration,
  field,
  flag,
  hostPattern,
  orEmpty,
  path,
  section,
  sentence,
  text,
  wholeNumber,
} from './field';
import type { SecretReader } from './secrets';
import { secretField } from './secrets';

/** What `auth:` needs at each service, in one sentence; also said by the checks of a broken configuration. */
export const authNeeded = {
  gateway: 'expected either tokenId and tokenSecret, or username and password',
  scanner: 'expected either apiKey, or username and password',
} as const;

/** `gateway:`, where messages come from and AS2 deliveries go to. */
export function gatewaySchema(read: SecretReader) {
  const identifier = secretField(read, { literal: true }).nullish();
  const secret = secretField(read).nullish();
  const auth = section({
    tokenId: identifier,
    tokenSecret: secret,
    username: identifier,
    password: secret,
  }).transform(({ tokenId, tokenSecret, username, password }, context) => {
    if (tokenId && tokenSecret) return { tokenId, tokenSecret };
    if (username && password) return { username, password };
    context.addIssue(sentence(authNeeded.gateway));
    return z.NEVER;
  });
  return section({
    baseUrl: baseUrl.prefault('https://api.mftgateway.com'),
    auth: orEmpty(auth),
    /** The AS2 stations of ours that are read. */
    stations: z.array(text).min(1),
    /** Requests a second that the gateway grants; false for no limit. */
    requestsPerSecond: field('a number above 0 and up to 1000, or false', (value) =>
      value === false || (typeof value === 'number' && value > 0 && value <= 1000) ? value : undefined,
    ).prefault(5),
    burst: wholeNumber(1, 10_000).prefault(10),
    /** Steps that work with it at a time. */
    concurrency: wholeNumber(1, 256).prefault(16),
    /** Hosts that pre-signed URLs may lead to. */
    downloadHosts: z.array(hostPattern).min(1).prefault(['*.amazonaws.com']),
    allowInsecureHttp: flag.prefault(false),
  });
}

/** `scanner:`, whose word decides. */
export function scannerSchema(read: SecretReader) {
  const identifier = secretField(read, { literal: true }).nullish();
  const secret = secretField(read).nullish();
  const auth = section({ apiKey: secret, username: identifier, password: secret }).transform(
    ({ apiKey, username, password }, context) => {
      if (apiKey) return { apiKey };
      if (username && password) return { username, password };
      context.addIssue(sentence(authNeeded.scanner));
      return z.NEVER;
    },
  );
  return section({
    baseUrl,
    auth: orEmpty(auth),
    /** Files that are scanned at a time. */
    concurrency: wholeNumber(1, 64).prefault(4),
    /** ms; the scanner deletes a file by itself after this time. */
    expiresAfter: duration('1h', '365d').prefault('7d'),
    /** ms; a scan that takes longer is held for a person. */
    deadline: duration('1s', '7d').prefault('1h'),
    poll: orEmpty(
      section({
        /** ms until the first look at a file's status; doubles up to `max`. */
        first: duration('10ms', '1m').prefault('1s'),
        max: duration('10ms', '10m').prefault('30s'),
        /** Status requests a second for all files together. */
        perSecond: wholeNumber(1, 1000).prefault(5),
      }),
    ),
    /** A harmless file must clear and the EICAR test file must be blocked, else nothing is forwarded. */
    selfTest: orEmpty(
      section({
        enabled: flag.prefault(true),
        interval: duration('1s', '24h').prefault('1h'),
        /** ms for one test file to be scanned. */
        deadline: duration('1s', '1h').prefault('5m'),
      }),
    ),
    /** Download each cleared file again and compare its hash. */
    readBack: flag.prefault(false),
    allowInsecureHttp: flag.prefault(false),
  });
}

/** `egress:`, the way out for every call. Nothing is read from http_proxy and its like. */
export function egressSchema(read: SecretReader, directory: string) {
  return section({
    /** A URL; where it carries a password, a reference to one. */
    proxy: secretField(read, { literal: true, check: proxyFault }).nullable().default(null),
    noProxy: z.array(text).prefault([]),
    /** A file of certificates in PEM that are trusted beside those that Node.js brings along. */
    caFile: path(directory).nullable().default(null),
  }).transform(async (egress, context) => {
    if (egress.caFile === null) return { ...egress, ca: null };
    const ca = await readFile(egress.caFile, 'utf8').catch(() => '');
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) {
      context.addIssue(
        sentence(`${egress.caFile} cannot be read, or holds no certificate in PEM`, ['caFile']),
      );
    }
    // TLS takes `ca` in place of its own list: without that list, the gateway's public certificate would be refused.
    return { ...egress, ca: [ca, ...rootCertificates].join('\n') };
  });
}

function proxyFault(value: string): string | undefined {
  const isUrl = URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
  return isUrl ? undefined : 'no http(s) URL of a proxy, such as http://proxy.example:3128';
}
