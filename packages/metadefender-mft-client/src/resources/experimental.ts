import type { CallOptions, Transport } from '@mft-bridge/http-transport';
import type {
  ActivateLicenceInput,
  CreateAccountInput,
  CreateGuestInput,
} from '../operations/experimental-operations';
import * as operations from '../operations/experimental-operations';
import type { Account, Licence, LicenceActivation } from '../schemas/account';

/**
 * Calls that are known only from pages of 2017 to 2021 or from other people's scripts. They may not exist in your release, and they may
 * change here in a minor version. All need an administrator.
 */
export interface Experimental {
  /** user accounts */
  readonly accounts: {
    /**
     * `POST /account`. Administrator level. Known from an undated old page.
     *
     * @throws RedirectRefusedError (300) for an unknown role, ConflictError (409) when the e-mail address is taken
     */
    create(input: CreateAccountInput, options?: CallOptions): Promise<Account>;
  };
  /** guest accounts */
  readonly guests: {
    /**
     * `POST /guest`. Administrator level. Known from an undated old page that shows no answer, so there is none.
     *
     * @throws ConflictError (409) when the pin is taken
     */
    create(input: CreateGuestInput, options?: CallOptions): Promise<void>;
  };
  /** the server's licence */
  readonly licence: {
    /** `GET /admin/license`. Administrator level. Known from a script only. */
    get(options?: CallOptions): Promise<Licence>;
    /** `POST /admin/license/activation`. Administrator level. Known from a script only. Not repeated when its answer is lost. */
    activate(input: ActivateLicenceInput, options?: CallOptions): Promise<LicenceActivation>;
  };
}

export function createExperimental(transport: Transport): Experimental {
  return {
    accounts: { create: (input, options) => transport.call(operations.createAccount, input, options) },
    guests: {
      create: async (input, options) => {
        await transport.call(operations.createGuest, input, options);
      },
    },
    licence: {
      get: (options) => transport.call(operations.getLicence, undefined, options),
      activate: (input, options) => transport.call(operations.activateLicence, input, options),
    },
  };
}
