/** A key that was obtained elsewhere. */
export interface UserKey {
  /** a secret */
  readonly key: string;
  /** when it ends; absent: unknown */
  readonly expires?: Date | number | undefined;
}

/** Obtains keys on demand, for example from a vault. Called again when its last key has run out or was refused. */
export type KeyProvider = (context: { readonly signal: AbortSignal }) => Promise<UserKey>;

/**
 * Who calls.
 *
 * - `apiKey`: a long-lived key made by an administrator. The way for everything unattended. A key that may *skip scanning* makes verdicts
 *   worthless, and no call shows whether it may.
 * - `username`, `password`: a session of its own, extended ahead of its end, begun anew when that fails. `separator` joins the two;
 *   the default is what the vendor's current tutorial and public scripts do.
 * - `guestPin`: the same for a guest.
 * - `userKey`: a session somebody else began; extended, but it cannot be begun anew.
 * - `provider`: a function that hands out keys; they are never extended by this client.
 */
export type AuthOptions =
  | { readonly apiKey: string }
  | {
      readonly username: string;
      readonly password: string;
      readonly separator?: 'crlf' | 'colon' | undefined;
    }
  | { readonly guestPin: string }
  | { readonly userKey: string; readonly expires?: Date | number | undefined }
  | { readonly provider: KeyProvider };
