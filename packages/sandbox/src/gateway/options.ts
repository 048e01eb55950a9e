import type { ListenOptions } from '../server';
import type { Generation, SubmitIdKey } from './names';
import type { Outcome, Submission } from './message';

/** A partner that the gateway exchanges messages with. */
export interface PartnerOptions {
  /** AS2 identifier. */
  readonly identifier: string;
  /** Shown in `GET /partner`; default the identifier. */
  readonly name?: string;
  /** Subject of messages to this partner that are submitted without one. */
  readonly defaultSubject?: string;
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
  /** What becomes of a submitted message. Default: sent, with a good signed MDN. */
  readonly outcomeOf?: (submission: Submission) => Outcome;
  /** Epoch ms. Everything that takes time (tokens, URLs, sending) goes by this clock alone. Default `Date.now`. */
  readonly clock?: () => number;
}
