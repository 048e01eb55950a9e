import type pg from 'pg';

/** Runs `body` as one transaction. */
export async function inTransaction<Result>(
  client: pg.ClientBase,
  body: () => Promise<Result>,
): Promise<Result> {
  await client.query('begin');
  try {
    const result = await body();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
