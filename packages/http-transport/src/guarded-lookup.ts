import { lookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import { isLoopbackAddress, isLoopbackHost, isPublicAddress } from './public-address';

export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

export type AddressKind = 'public' | 'loopback';

/** `loopback` is for a service on this machine, whose links may also be public. */
export function isAddressAllowed(address: string, kind: AddressKind): boolean {
  return isPublicAddress(address) || (kind === 'loopback' && isLoopbackAddress(address));
}

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/**
 * A `lookup` for sockets that refuses addresses of other kinds. It is asked by the very connection that is made, so a
 * name that answers differently the second time (DNS rebinding) gains nothing. One bad address refuses the name.
 */
export function guardedLookup(
  kind: AddressKind,
  resolve: typeof lookup = lookup,
): (hostname: string, options: LookupOptions, callback: LookupCallback) => void {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      // A name that means this machine (`x.localhost`) is let pass in clear, and therefore must not lead elsewhere.
      const allowed = isLoopbackHost(hostname)
        ? (address: string) => kind === 'loopback' && isLoopbackAddress(address)
        : (address: string) => isAddressAllowed(address, kind);
      if (addresses.some(({ address }) => !allowed(address))) {
        callback(new AddressRefused(), []);
        return;
      }
      const first = addresses[0];
      if (options.all === true) callback(null, addresses);
      else if (first === undefined) callback(new AddressRefused(), []);
      else callback(null, first.address, first.family);
    });
  };
}
