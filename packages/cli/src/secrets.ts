/** Shorter ones would take ordinary words out of ordinary text. */
const SHORTEST = 4;

/** The secrets of this run. The clients already keep them out of their errors; this is the net below them. */
export interface Secrets {
  /** Returns it, so that it can be used where it is read. */
  keep(secret: string): string;
  /** The text without any of them. */
  removeFrom(text: string): string;
}

/** @example const secrets = createSecrets(); secrets.keep('s3cret'); secrets.removeFrom('key s3cret'); // 'key [secret]' */
export function createSecrets(): Secrets {
  const kept = new Set<string>();
  return {
    keep(secret) {
      if (secret.length >= SHORTEST) kept.add(secret);
      return secret;
    },
    removeFrom(text) {
      let clean = text;
      for (const secret of [...kept].sort((one, other) => other.length - one.length))
        clean = clean.replaceAll(secret, '[secret]');
      return clean;
    },
  };
}
