import type { Kysely } from 'kysely';
import type { Ledger } from './ledger';
import type { ProgramExecutor } from './program';
import type { ReadSource } from './read-source';
import { template } from './statement';
import type { SettingRow, Tables } from './tables';

/** Reads what the bridge keeps about itself. */
export function createSettingReads(db: Kysely<Tables>, source: ReadSource): Pick<Ledger['settings'], 'get'> {
  const byKey = template<{ key: string }, Pick<SettingRow, 'value'>>((slot) =>
    db.selectFrom('setting').select('value').where('key', '=', slot('key')).compile(),
  );
  return {
    async get(key) {
      const [[row]] = await source.read([byKey({ key })]);
      return row?.value;
    },
  };
}

/** Writes it. */
export function createSettingWrites(
  db: Kysely<Tables>,
  executor: ProgramExecutor,
): Pick<Ledger['settings'], 'set' | 'setIfNew'> {
  const put = template<SettingRow>((slot) =>
    db
      .insertInto('setting')
      .values({ key: slot('key'), value: slot('value') })
      .onConflict((conflict) =>
        conflict.column('key').doUpdateSet((setting) => ({ value: setting.ref('excluded.value') })),
      )
      .compile(),
  );
  const add = template<SettingRow>((slot) =>
    db
      .insertInto('setting')
      .values({ key: slot('key'), value: slot('value') })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .compile(),
  );
  return {
    async setIfNew(key, value) {
      await executor.run([add({ key, value })]);
    },
    async set(key, value) {
      await executor.run([put({ key, value })]);
    },
  };
}
