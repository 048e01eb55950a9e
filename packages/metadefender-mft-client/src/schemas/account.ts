import type { Parser } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { serverDate } from './server-date';
import { id, isFields, optionalFlag, optionalText, tolerant } from './tolerant';

/** A user account that was created. */
export interface Account {
  /** a number, as text */
  readonly userId: string;
  /** what the user signs in with */
  readonly userName?: string | undefined;
  /** comes back in another casing than it was sent: `user` as `User` */
  readonly role?: string | undefined;
  /** an open list; seen: `Enabled` */
  readonly status?: string | undefined;
  /** where the server writes to */
  readonly email?: string | undefined;
  /** epoch milliseconds */
  readonly expiresAt?: number | undefined;
  /** the whole answer, for what this view does not show */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What is known of the licence. */
export interface Licence {
  /** id of the installation */
  readonly deployment?: string | undefined;
  /** days until it ends */
  readonly daysLeft?: number | undefined;
  /** the whole answer, for what this view does not show */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** What an activation was answered. */
export interface LicenceActivation {
  /** absent where the answer did not say */
  readonly success?: boolean | undefined;
  /** the whole answer */
  readonly raw: Readonly<Record<string, unknown>>;
}

const rawOf = (raw: unknown): Readonly<Record<string, unknown>> => (isFields(raw) ? raw : {});
const wireAccount = tolerant({
  user_id: id,
  user_name: optionalText,
  role: optionalText,
  status: optionalText,
  email: optionalText,
  expires: optionalText,
});

export const account: Parser<Account> = {
  parse: (raw) => {
    const { user_id: userId, user_name: userName, role, status, email, expires } = wireAccount.parse(raw);
    return { userId, userName, role, status, email, expiresAt: serverDate(expires), raw: rawOf(raw) };
  },
};

const wireLicence = tolerant({ deployment: optionalText, days_left: z.number().optional().catch(undefined) });

export const licence: Parser<Licence> = {
  parse: (raw) => {
    const { deployment, days_left: daysLeft } = wireLicence.parse(raw);
    return { deployment, daysLeft, raw: rawOf(raw) };
  },
};

const wireActivation = tolerant({ success: optionalFlag });

export const licenceActivation: Parser<LicenceActivation> = {
  parse: (raw) => ({ success: wireActivation.parse(rawOf(raw)).success, raw: rawOf(raw) }),
};
