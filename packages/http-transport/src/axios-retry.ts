import type { AxiosInstance } from 'axios';
import * as imported from 'axios-retry';
import type { AxiosRetry } from 'axios-retry';

// The package is CommonJS with `exports.default`. Node hands an ES module importer the whole `exports` as `default`, a
// bundler or a CommonJS build the function itself; all linters are green on either, and one of the two calls an object.
const outer: unknown = imported.default;
const attach = (typeof outer === 'function' ? outer : (outer as { default: unknown }).default) as AxiosRetry;

export const attachAxiosRetry = (client: AxiosInstance): unknown => attach(client);
