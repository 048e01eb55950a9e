import type { Answer } from './rewriting-proxy';

type Rewrite = (answer: Answer) => Partial<Answer>;

/** Ways to falsify an answer. */
export const falsify = {
  garbage: (): Partial<Answer> => ({ body: Buffer.from('{"half": ') }),
  html: (): Partial<Answer> => ({
    headers: { 'content-type': 'text/html' },
    body: Buffer.from('<html><body>Please sign in</body></html>'),
  }),
  /** The JSON of the answer, changed. */
  edit:
    (change: (json: Record<string, unknown>) => unknown): Rewrite =>
    ({ body }) => ({
      body: Buffer.from(JSON.stringify(change(JSON.parse(body.toString()) as Record<string, unknown>))),
    }),
  /** The JSON of the answer with one field less. */
  without: (field: string): Rewrite =>
    falsify.edit((json) => Object.fromEntries(Object.entries(json).filter(([name]) => name !== field))),
};
