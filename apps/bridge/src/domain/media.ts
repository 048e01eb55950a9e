/**
 * What an attachment is, by its content and not by its name.
 * Totals, segment counts and signatures break when such a file is changed, so sanitizing matters by family.
 */
export type Media =
  | 'image'
  | 'document'
  | 'archive'
  | 'edi'
  | 'xml'
  | 'csv'
  | 'json'
  | 'signed'
  | 'text'
  | 'executable'
  | 'other';
