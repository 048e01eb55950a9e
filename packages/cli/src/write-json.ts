import type { Output } from './context';

/** One object, one line. What JSON leaves unescaped and a terminal would act upon is escaped too. */
export function writeJson(output: Output, value: unknown): void {
  const line = JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
  output.write(`${line}\n`);
}
