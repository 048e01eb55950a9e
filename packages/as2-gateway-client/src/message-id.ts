const BOX_NAMES = new Set(['queued', 'failed', 'incomplete']);

/**
 * Why a text cannot be the id of a message in a request, or undefined when it can.
 *
 * Ids are whatever a partner's system chose and are sent as one percent-encoded path segment, so nearly
 * everything goes. What does not: an empty one (it would address the whole box), `.` and `..` (no encoding
 * survives the URL's normalization), the names of the boxes (same path), and halves of surrogate pairs.
 */
export function messageIdProblem(id: string): string | undefined {
  if (id === '') return 'a message id must not be empty';
  if (id === '.' || id === '..') return `"${id}" cannot be addressed: a URL drops such a segment`;
  if (BOX_NAMES.has(id)) return `"${id}" is the name of a box, not a message id`;
  if (/\p{Surrogate}/u.test(id)) return 'a message id must be well-formed Unicode';
  return undefined;
}

/** True when both name the same message. Brackets are part of an id, but a list may show it without. */
export function sameMessageId(left: string, right: string): boolean {
  return bareMessageId(left) === bareMessageId(right);
}

/** The id without its brackets, to be compared with others. */
export function bareMessageId(id: string): string {
  return id.startsWith('<') && id.endsWith('>') ? id.slice(1, -1) : id;
}
