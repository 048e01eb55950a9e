import type { ListenOptions } from '../server';
import type { CertificateNames } from './certificates';
import type { Generation, SubmitIdKey } from './names';
import type { Outcome, Submission } from './message';
import type { GatewayUndocumented } from './undocumented';
import type { WebhookTarget } from './webhooks';

/** A partner that the gateway exchanges messages with. */
export interface PartnerOptions {
  /** AS2 identifier. */
  readonly identifier: string;
  /** Shown in `GET /partner`; default the identifier. */
  readonly name?: string;
  /** Subject of messages to this partner that are submitted without one. */
  readonly defaultSubject?: string;
  /** What was sent to it is deleted with its good MDN, the record apart. Default false. */
  readonly deleteAttachmentsOnSuccessMdn?: boolean;
}

/** Who may open a session: `POST /authorize` takes either pair. */
export interface GatewayCredentials {
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly username: string;
  readonly password: string;
}

/** Options of {@link startAs2GatewaySandbox}; all times in ms, all sizes in bytes. */
export interface As2GatewaySandboxOptions extends ListenOptions {
  /** Port of the pre-signed URLs. Default 0: any free port. */
  readonly filesPort?: number | undefined;
  /** Generation of names that is understood and answered. Default `v2`. */
  readonly names?: Generation;
  /** Names of a certificate's fields. Default: `snake` for v1, `v2` for v2, all for both. */
  readonly certificateNames?: CertificateNames;
  /** Name of the id in the answer to a submit. Default `messageIdentifier` (v2) or `as2messageId` (v1). */
  readonly submitIdKey?: SubmitIdKey;
  /** AS2 identifiers of our side. Default `['HUB']`. */
  readonly stations?: readonly string[];
  /** The other side. Default `['ACME', 'GLOBEX', 'WAREHOUSE']`. */
  readonly partners?: readonly (string | PartnerOptions)[];
  /** Default: made at random. */
  readonly credentials?: Partial<GatewayCredentials>;
  /** A larger submit is answered 413. Default 10 MB (10,485,760), the limit of AWS API Gateway. */
  readonly maxSubmitBytes?: number;
  /** From queued to sent. Default 250. */
  readonly sendDelayMs?: number;
  /** How long `GET /message/outbox/{id}` answers 404 after a submit. Default 100. */
  readonly outboxHiddenMs?: number;
  /** Age at which attachments and MDNs are gone while the message stays. Default 35 days. */
  readonly contentLifetimeMs?: number;
  /**
   * What `GET …/attachments` answers after that: `listed` (default) gives URLs that S3 answers 404 (its XML says
   * `NoSuchKey`) or, by `denied`, 403, as it answers whoever may not list the bucket; `gone` is a 404 of the gateway.
   */
  readonly oldAttachments?: 'listed' | 'denied' | 'gone';
  /** The other way for what no page says; see each field. */
  readonly undocumented?: Partial<GatewayUndocumented>;
  /** What becomes of a submitted message, where `outcomes` says nothing. Default: sent, with a good signed MDN. */
  readonly outcomeOf?: (submission: Submission) => Outcome;
  /** What chance decides in faults is drawn from it. Default: random, see `faults.seed`. */
  readonly seed?: string | number | undefined;
  /** Where webhooks go; more can be set while it runs. Default: none are sent. */
  readonly webhooks?: readonly WebhookTarget[];
  /** Epoch ms. Everything that takes time (tokens, URLs, sending) goes by this clock alone. Default `Date.now`. */
  readonly clock?: () => number;
}
