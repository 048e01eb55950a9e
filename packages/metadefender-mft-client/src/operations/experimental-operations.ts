import type { Operation } from '@mft-bridge/http-transport';
import { z } from 'zod';
import type { Account, Licence, LicenceActivation } from '../schemas/account';
import { account, licence, licenceActivation } from '../schemas/account';
import { fileDuration } from '../schemas/duration';
import { timeInput } from '../schemas/inputs';

/** Exactly one of two ways to say when something ends; both at once are answered with 403. */
export type Ending =
  | { readonly expires: Date | number; readonly expiresAfterMs?: undefined }
  | { readonly expiresAfterMs: number; readonly expires?: undefined };

/** {@link Ending}, or none: the server's own default. */
export type OptionalEnding = Ending | { readonly expires?: undefined; readonly expiresAfterMs?: undefined };

/** An account to make. */
export type CreateAccountInput = OptionalEnding & {
  readonly firstName: string;
  readonly lastName: string;
  readonly userName: string;
  /** a secret */
  readonly password: string;
  /** `user` is the only value that was seen; a wrong one is answered with 300 */
  readonly role: string;
  readonly displayName?: string | undefined;
  readonly email?: string | undefined;
};

/** A guest to make. */
export type CreateGuestInput = Ending & {
  /** unique, 6 to 255 characters without spaces; a secret: whoever knows it is the guest */
  readonly pinCode: string;
  /** 3 to 30 letters, digits, and `. -+_` and spaces, no two of the latter side by side */
  readonly displayName: string;
};

/** A licence to activate. */
export interface ActivateLicenceInput {
  /** a secret */
  readonly activationKey: string;
  /** how many of what was licensed */
  readonly quantity?: number | undefined;
  /** a note kept with the activation */
  readonly comment?: string | undefined;
}

const text = z.string().min(1);
const ending = {
  expires: timeInput.optional(),
  expiresAfterMs: z.number().positive().max(922_337_203_600_000).optional(),
};
const wireEnding = ({ expires, expiresAfterMs }: OptionalEnding) => ({
  expires: expires === undefined ? undefined : new Date(expires).toISOString(),
  expires_after: expiresAfterMs === undefined ? undefined : fileDuration(expiresAfterMs),
});
const given = ({ expires, expiresAfterMs }: OptionalEnding): number =>
  Number(expires !== undefined) + Number(expiresAfterMs !== undefined);

export const createAccount: Operation<CreateAccountInput, Account> = {
  name: 'experimental.accounts.create',
  method: 'POST',
  path: '/account',
  safety: 'unsafe',
  access: 'administrator',
  input: z
    .strictObject({
      firstName: text,
      lastName: text,
      userName: text,
      password: text,
      role: text,
      displayName: text.optional(),
      email: text.optional(),
      ...ending,
    })
    .refine((input) => given(input as OptionalEnding) < 2, 'expires and expiresAfterMs exclude each other')
    .transform((input) => input as CreateAccountInput),
  encode: (input) => ({
    body: {
      json: {
        first_name: input.firstName,
        last_name: input.lastName,
        user_name: input.userName,
        password: input.password,
        role: input.role,
        display_name: input.displayName,
        email: input.email,
        ...wireEnding(input),
      },
    },
  }),
  output: account,
};

export const createGuest: Operation<CreateGuestInput, unknown> = {
  name: 'experimental.guests.create',
  method: 'POST',
  path: '/guest',
  safety: 'unsafe',
  access: 'administrator',
  input: z
    .strictObject({
      pinCode: z.string().regex(/^\S{6,255}$/, 'must have 6 to 255 characters and no space'),
      displayName: z
        .string()
        .regex(
          /^(?=.{3,30}$)(?!.*[. \-+_]{2})[A-Za-z0-9. \-+_]+$/,
          'must have 3 to 30 letters, digits, and ". -+_", no two of the latter side by side',
        ),
      ...ending,
    })
    .refine(
      (input) => given(input as OptionalEnding) === 1,
      'exactly one of expires and expiresAfterMs is needed',
    )
    .transform((input) => input as CreateGuestInput),
  encode: (input) => ({
    body: { json: { pin_code: input.pinCode, display_name: input.displayName, ...wireEnding(input) } },
  }),
};

export const getLicence: Operation<undefined, Licence> = {
  name: 'experimental.licence.get',
  method: 'GET',
  path: '/admin/license',
  safety: 'safe',
  access: 'administrator',
  output: licence,
};

export const activateLicence: Operation<ActivateLicenceInput, LicenceActivation> = {
  name: 'experimental.licence.activate',
  method: 'POST',
  path: '/admin/license/activation',
  safety: 'unsafe',
  access: 'administrator',
  input: z.strictObject({
    activationKey: text,
    quantity: z.number().int().positive().optional(),
    comment: z.string().optional(),
  }),
  encode: (input) => ({ body: { json: input } }),
  output: licenceActivation,
};
