import { z } from 'zod';
import type { Media } from '../domain/media';
import { defaultPolicy } from '../domain/policy';
import type { CustodyConfig } from './custody-schema';
import { custodySchema } from './custody-schema';
import {
  byteSize,
  duration,
  field,
  flag,
  instant,
  oneOf,
  orEmpty,
  path,
  section,
  text,
  wholeNumber,
} from './field';
import { ledgerSchema } from './ledger-schema';
import type { SecretReader } from './secrets';
import { secretField } from './secrets';
import { egressSchema, gatewaySchema, scannerSchema } from './service-schema';

/** What the fields need from outside: where relative paths start, and how secrets are read. */
export interface SchemaContext {
  readonly directory: string;
  readonly readSecret: SecretReader;
}

const mediaFamilies = [
  'image',
  'document',
  'archive',
  'edi',
  'xml',
  'csv',
  'json',
  'signed',
  'text',
  'executable',
  'other',
] as const satisfies readonly Media[];

const minTokenLength = 16;

const name = field(
  'a name of letters, digits, ".", "_" and "-" that starts with a letter or digit',
  (value) => (typeof value === 'string' && isName(value) ? value : undefined),
);

/** Whether it can name a route or a destination: names stand in metrics, URLs and file names. */
export function isName(value: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value);
}

const optional = text.nullable().default(null);

const routeSchema = section({
  name,
  /** null fits everything. */
  match: orEmpty(section({ station: optional, partner: optional })),
  destinations: z.array(name).min(1),
  /** What becomes of a delivery whose fate nobody knows. */
  onUnknown: oneOf(['hold', 'resend']).prefault('hold'),
  /** What becomes of a message that somebody else marked read before it was in custody. */
  readElsewhere: oneOf(['hold', 'take']).prefault('hold'),
  /** Deliver each partner's messages in the order in which the gateway received them. */
  inOrder: flag.prefault(false),
});

function destinationSchema(directory: string) {
  const as2 = section({
    kind: z.literal('as2'),
    /** The station that sends. */
    from: text,
    /** The partner that receives. */
    to: text,
    /** Subject of the AS2 message; null keeps the one it came with. */
    subject: optional,
    /** Bytes of one message. The gateway advises REST submits under 3 MB. */
    maxBytes: byteSize(1).prefault('4MB'),
  });
  const folder = section({
    kind: z.literal('folder'),
    directory: path(directory),
    /** Bytes of one file; null for no limit. */
    maxBytes: byteSize(1).nullable().default(null),
    /** A directory for each partner below it. */
    perPartner: flag.prefault(false),
  });
  return z.discriminatedUnion('kind', [as2, folder]);
}

function intakeSchema() {
  return section({
    /** Epoch ms: older messages are not touched. */
    startFrom: instant,
    pollInterval: duration('50ms', '1h').prefault('15s'),
    /** Between two sweeps over all messages, read or not. */
    sweepInterval: duration('50ms', '24h').prefault('10m'),
    maxAttachmentBytes: byteSize(1).prefault('10GiB'),
    maxMessageBytes: byteSize(1).prefault('20GiB'),
    /** Messages that are fetched at a time. */
    concurrency: wholeNumber(1, 64).prefault(4),
    /** Tries to take a message before it is tried once an hour only; it is shown to people all the time. */
    tries: wholeNumber(1, 1000).prefault(20),
    /** Intake pauses while so much is in work, and goes on by itself. */
    highWater: orEmpty(
      section({
        messages: wholeNumber(1, 10_000_000).prefault(10_000),
        /** Bytes of messages in work. */
        bytes: byteSize(1).prefault('100GiB'),
      }),
    ),
  });
}

function deliverySchema() {
  return section({
    tries: wholeNumber(1, 1000).prefault(10),
    /** ms; then it is a dead letter. */
    deadline: duration('1s', '365d').prefault('24h'),
    /** ms from submit to MDN. */
    confirmDeadline: duration('1s', '365d').prefault('1h'),
    /** ms between two looks at whether the MDN came. */
    confirmPoll: duration('10ms', '1h').prefault('5s'),
    /** ms of silence before a submit whose answer was lost is searched for. */
    settle: duration('0ms', '1h').prefault('30s'),
    /** ms from the intent within which an AS2 submission is sent, or is not sent at all. */
    sendWithin: duration('1s', '1h').prefault('2m'),
    /** ms for which a delivery whose fate is unknown is searched for. */
    searchFor: duration('1s', '30d').prefault('24h'),
    concurrency: wholeNumber(1, 64).prefault(4),
    retry: orEmpty(
      section({
        base: duration('1ms', '1h').prefault('1s'),
        max: duration('1ms', '24h').prefault('5m'),
      }),
    ),
  });
}

/** How long what is settled is kept. A message under legal hold is kept whatever stands here. */
function retentionSchema() {
  const period = (fallback: string) => duration('1s', '36500d').prefault(fallback);
  return section({
    /** Bytes of delivered messages, and of those that were only observed. */
    delivered: period('30d'),
    /** Bytes of messages that wait for a person, dead letters among them. */
    held: period('365d'),
    quarantine: period('365d'),
    /** Attachments, obligations and deliveries of a message; at least the 35 days for which the gateway keeps it. */
    ledger: duration('36d', '36500d').prefault('400d'),
    /** The message itself and its audit events; not shorter than `ledger`. */
    audit: duration('36d', '36500d').prefault('3650d'),
  });
}

/**
 * The whole configuration. Each section stands for itself with `{}`, so that everything required and missing is
 * named at once. What concerns several sections is in `cross-checks.ts`.
 */
export function createConfigSchema({ directory, readSecret }: SchemaContext) {
  const tokenFault = (value: string): string | undefined =>
    value.length < minTokenLength
      ? `too short; expected at least ${String(minTokenLength)} characters`
      : undefined;
  return section({
    mode: oneOf(['enforce', 'observe']).prefault('enforce'),
    dataDirectory: path(directory).prefault('./.mft-bridge'),
    gateway: orEmpty(gatewaySchema(readSecret)),
    scanner: orEmpty(scannerSchema(readSecret)),
    egress: orEmpty(egressSchema(readSecret, directory)),
    intake: orEmpty(intakeSchema()),
    custody: orEmpty(custodySchema(readSecret, directory)),
    ledger: orEmpty(ledgerSchema(readSecret, directory)),
    destinations: orEmpty(z.record(z.string().refine(isName), destinationSchema(directory))),
    routes: z.array(routeSchema).min(1),
    policy: orEmpty(
      section({
        version: text.prefault(defaultPolicy.version),
        forwardSanitized: z.array(oneOf(mediaFamilies)).prefault([...defaultPolicy.forwardSanitized]),
      }),
    ),
    delivery: orEmpty(deliverySchema()),
    retention: orEmpty(retentionSchema()),
    web: orEmpty(
      section({
        private: orEmpty(
          section({
            host: text.prefault('127.0.0.1'),
            /** 0 takes any free one. */
            port: wholeNumber(0, 65_535).prefault(8480),
            token: secretField(readSecret, { check: tokenFault }),
          }),
        ),
        /** For the gateway's webhook and nothing else; off unless it is configured. */
        public: section({
          host: text.prefault('0.0.0.0'),
          port: wholeNumber(0, 65_535).prefault(8481),
          /** The last part of the webhook's path; two while it is changed. */
          secrets: z
            .array(secretField(readSecret, { check: tokenFault }))
            .min(1)
            .max(2),
        })
          .nullable()
          .default(null),
      }),
    ),
    log: orEmpty(section({ level: oneOf(['debug', 'info', 'warn', 'error']).prefault('info') })),
  });
}

type ParsedConfig = z.output<ReturnType<typeof createConfigSchema>>;

/**
 * The configuration as the program uses it: durations in ms, sizes in bytes, times in epoch ms, paths absolute,
 * secrets behind `reveal()`, every default filled in.
 */
export interface BridgeConfig extends Omit<ParsedConfig, 'custody' | 'ledger'> {
  /** Where it was read from, absolute. */
  readonly file: string;
  readonly custody: CustodyConfig;
  /** `file` counts where `postgres` is null. */
  readonly ledger: { readonly file: string; readonly postgres: ParsedConfig['ledger']['postgres'] };
}

export type DestinationConfig = BridgeConfig['destinations'][string];
export type { ParsedConfig };
