import { duration, field, flag, oneOf, path, section, sentence, text } from './field';
import type { SecretReader } from './secrets';
import { secretField } from './secrets';

const schemaName = field('a name of lower-case letters, digits and _, up to 63', (value) =>
  typeof value === 'string' && /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/.test(value) ? value : undefined,
);

/** `ledger:`, a file or a server. */
export function ledgerSchema(read: SecretReader, directory: string) {
  return section({
    file: path(directory).nullable().default(null),
    postgres: section({
      url: secretField(read),
      tls: oneOf(['verify', 'off']).prefault('verify'),
      /** Certificates that are trusted instead of the system's, PEM. */
      ca: path(directory).nullable().default(null),
      /** The tables are in it. */
      schema: schemaName.prefault('mft_bridge'),
      /** This bridge has the ledger for itself; otherwise any number of bridges share it. */
      singleNode: flag.prefault(false),
      /** Name of this bridge among those that share the ledger; null for host and process. */
      name: text.nullable().default(null),
      /** From one sign of life to the next. */
      beat: duration('100ms', '1m').prefault('10s'),
      /** After its last sign of life a bridge counts as alive for so long: three beats at least. */
      lease: duration('500ms', '5m').prefault('30s'),
    })
      .transform((postgres, context) => {
        if (postgres.lease < 3 * postgres.beat)
          context.addIssue(
            sentence('expected three times ledger.postgres.beat at least: one beat may be lost', ['lease']),
          );
        return postgres;
      })
      .nullable()
      .default(null),
  });
}
