import { z } from 'zod';
import { field, oneOf, path, section, sentence } from './field';
import type { SecretReader } from './secrets';
import { secretField } from './secrets';

/** Said where it is missing or false: more than one bridge on a ledger is not what this version does. */
const onlyNode =
  'expected true: this version runs one bridge on a ledger, whose custody is a directory of its own machine. Several bridges on one ledger are not supported yet';

const singleNode = z.unknown().transform((value, context): true => {
  if (value === true) return true;
  context.addIssue(sentence(onlyNode));
  return z.NEVER;
});

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
      singleNode,
    })
      .nullable()
      .default(null),
  });
}
