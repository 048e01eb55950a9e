const LOCATION = /\/message\/(?:outbox|inbox)\/(.+)$/s;

/**
 * The message id in the `Link` header of a submit, in any form: the bare URL that ends in the raw `<…@…>` id
 * (which a reader of RFC 8288 takes for the URL itself), the same with the id percent-encoded, or a proper
 * `<url>; rel="…"`. Undefined when there is none.
 *
 * @example
 * messageIdFromLink('https://api.mftgateway.com/message/outbox/<1@mftgateway.com>'); // '<1@mftgateway.com>'
 */
export function messageIdFromLink(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const value = header.trim();
  const tail = LOCATION.exec(value.startsWith('<') ? linkTarget(value) : value)?.[1];
  if (tail === undefined) return undefined;
  // Raw brackets mean that nothing in the id is encoded: a percent sign in it stands for itself.
  const id = tail.startsWith('<')
    ? bracketed(tail)
    : decode(tail.replace(/[?#;,\s].*$/s, '').replace(/\/$/, ''));
  return id === '' ? undefined : id;
}

// The target of `<url>; rel=…`. The URL may itself end in a raw `<id>`, so the brackets are counted.
function linkTarget(value: string): string {
  let depth = 0;
  for (let index = 0; index < value.length; index += 1) {
    if (value[index] === '<') depth += 1;
    if (value[index] === '>') depth -= 1;
    if (depth === 0) return value.slice(1, index);
  }
  return value.slice(1);
}

// `<id>` with whatever follows cut off: a query or parameters.
function bracketed(tail: string): string {
  const end = tail.indexOf('>');
  return end < 0 ? tail : tail.slice(0, end + 1);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that encodes nothing: the id as it stands
  }
}
