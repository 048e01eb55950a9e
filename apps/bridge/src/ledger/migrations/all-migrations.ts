import type { Migration } from '../migration';
import { firstTables } from './0001-first-tables';

/** In order; the last one's version is what this program understands. */
export const allMigrations: readonly Migration[] = [firstTables];
