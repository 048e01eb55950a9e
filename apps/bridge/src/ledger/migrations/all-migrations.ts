import { forgotten } from './0003-forgotten';
import { claimsAndRemovals } from './0004-claims-and-removals';
import { severalBridges } from './0005-several-bridges';
import type { Migration } from '../migration';
import { firstTables } from './0001-first-tables';
import { durableCore } from './0002-durable-core';

/** In order; the last one's version is what this program understands. */
export const allMigrations: readonly Migration[] = [
  firstTables,
  durableCore,
  forgotten,
  claimsAndRemovals,
  severalBridges,
];
