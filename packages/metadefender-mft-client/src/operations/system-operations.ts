import type { Operation } from '@mft-bridge/http-transport';
import { z } from 'zod';
import { tolerant } from '../schemas/tolerant';

const bare = z.string().trim().min(1);
const wrapped = tolerant({ version: bare }, { version: ['product_version'] }).transform(
  ({ version }) => version,
);

/** How the answer looks is not documented: text, a JSON string and `{version}` are all understood. */
export const getVersion: Operation<undefined, string> = {
  name: 'system.version',
  method: 'GET',
  path: '/version',
  safety: 'safe',
  access: 'user',
  output: z.union([bare, wrapped]),
};
