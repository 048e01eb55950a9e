import type { Parser } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { as2Identifier } from './as2-identifier';

/** A key pair that the gateway makes and signs itself. */
export interface SelfSignedIdentity {
  /** The kind. */
  readonly type: 'NEW_SELF_SIGN_CERTIFICATE';
  /** `CN` of the certificate. */
  readonly commonName: string;
  /** Of the private key. A secret. */
  readonly password: string;
  /** Bits. Take 2048 or more: 1024 is broken in reach. */
  readonly keyLength: 1024 | 2048 | 4096;
  /** Years. */
  readonly validity: 1 | 2 | 5 | 8 | 10;
  /** `OU` of the certificate. */
  readonly orgUnit?: string | undefined;
  /** `O` of the certificate. */
  readonly orgName?: string | undefined;
  /** `L` of the certificate. */
  readonly city?: string | undefined;
  /** `ST` of the certificate. */
  readonly state?: string | undefined;
  /** Two letters, ISO 3166-1. */
  readonly country?: string | undefined;
}

/** A key pair in a keystore that lies in the gateway's bucket already. */
export interface KeystoreIdentity {
  /** The kind. */
  readonly type: 'FROM_KEYSTORE';
  /** S3 key of the keystore. */
  readonly keystore: string;
  /** Of the keystore. */
  readonly keystorePassword: string;
  /** Of the key in the keystore. */
  readonly alias: string;
  /** Of the key. */
  readonly privateKeyPassword: string;
  /** Absent: the old one stays. */
  readonly newPrivateKeyPassword?: string | undefined;
}

/** A certificate of the gateway's own store, of the identity kind. */
export interface StoredIdentity {
  /** The kind. */
  readonly type: 'FROM_CERTIFICATE_STORE';
  /** Of the certificate in the gateway's store. */
  readonly alias: string;
}

/** A station to be created: one AS2 identity of ours. */
export interface NewStation {
  /** AS2 identifier, by which partners know it. */
  readonly identifier: string;
  /** For people. */
  readonly name: string;
  /** Where notifications go: up to three addresses. */
  readonly email: string | readonly string[];
  /** Its identity: made anew, from a keystore, or from the gateway's store. */
  readonly certificate: SelfSignedIdentity | KeystoreIdentity | StoredIdentity;
  /** For people. */
  readonly description?: string | undefined;
  /** Default of the service: false. */
  readonly receivedMessageNotifications?: boolean | undefined;
  /** Default of the service: true. */
  readonly failedMessageNotifications?: boolean | undefined;
  /** More than 3 MB inbound by a static address; of the higher tiers. Default of the service: false. */
  readonly largePayloadSupport?: boolean | undefined;
}

const text = z.string().min(1);
const optional = text.optional();

const identitySchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('NEW_SELF_SIGN_CERTIFICATE'),
    commonName: text,
    password: text,
    keyLength: z.literal([1024, 2048, 4096]),
    validity: z.literal([1, 2, 5, 8, 10]),
    orgUnit: optional,
    orgName: optional,
    city: optional,
    state: optional,
    country: z
      .string()
      .regex(/^[A-Za-z]{2}$/, 'a country has two letters')
      .optional(),
  }),
  z.strictObject({
    type: z.literal('FROM_KEYSTORE'),
    keystore: text,
    keystorePassword: text,
    alias: text,
    privateKeyPassword: text,
    newPrivateKeyPassword: optional,
  }),
  z.strictObject({ type: z.literal('FROM_CERTIFICATE_STORE'), alias: text }),
]);

const address = z.string().regex(/^[^\s,@]+@[^\s,@]+$/, 'is no e-mail address');

const schema = z.strictObject({
  identifier: as2Identifier,
  name: text,
  email: z
    .union([z.string().transform((list) => list.split(',').map((each) => each.trim())), z.array(z.string())])
    .pipe(z.array(address).min(1).max(3, 'at most three addresses'))
    .transform((list) => list.join(',')),
  certificate: identitySchema,
  description: z.string().optional(),
  receivedMessageNotifications: z.boolean().optional(),
  failedMessageNotifications: z.boolean().optional(),
  largePayloadSupport: z.boolean().optional(),
});

/** Strict reading of a new station; the addresses become one text, as the service takes them. */
export const newStationSchema: Parser<NewStation> = schema;
