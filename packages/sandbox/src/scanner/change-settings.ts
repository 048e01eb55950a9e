import { checkSettings } from './check-settings';
import type { ScannerSettings, SettingsChange } from './settings';

/**
 * Lays a change over settings.
 *
 * @throws RangeError for a setting that does not exist or a value that makes no sense.
 * @example
 * changeSettings(settings, { sso: 'enforced', capacity: { queue: 2 } });
 */
export function changeSettings(settings: ScannerSettings, change: SettingsChange): ScannerSettings {
  checkSettings(change);
  return {
    ...settings,
    ...change,
    capacity: { ...settings.capacity, ...change.capacity },
    proxy: { ...settings.proxy, ...change.proxy },
    undocumented: { ...settings.undocumented, ...change.undocumented },
  };
}
