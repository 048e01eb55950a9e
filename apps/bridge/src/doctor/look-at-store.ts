import type { BridgeConfig } from '../config/schema';
import { someObjects } from '../custody/custody-site';
import { openStore } from '../open-custody';

/** What is in the store that the configuration names; nothing in it is touched. @throws where it cannot be looked at */
export async function lookAtStore(config: Pick<BridgeConfig, 'custody' | 'egress'>): Promise<{
  /** It says to which ledger it belongs. */
  readonly isBound: boolean;
  readonly holdsObjects: boolean;
  /** For sentences, after "the". */
  readonly name: string;
}> {
  const store = await openStore(config);
  try {
    const { site } = store;
    const isBound = (await site.readIdentity()) !== undefined;
    return { isBound, holdsObjects: (await someObjects(site, 1)).length > 0, name: site.name };
  } finally {
    await store.close();
  }
}
