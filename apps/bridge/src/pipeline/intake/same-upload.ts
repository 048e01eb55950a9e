/** Where the gateway keeps what came in with one message: AS2/files/STATION/PARTNER/inbox/STAMP/name. */
const form = /AS2\/files\/[^/]+\/[^/]+\/inbox\/([^/]+)\/[^/]/;
/** An address may be encoded anew by each of the services that hand it on. */
const mostDecodings = 4;

/**
 * Whether addresses of attachments can be those of a message with these storage paths. The gateway knows ids only: a
 * partner that uses an id again between two calls makes the second one speak of another message, perhaps of another
 * partner. Only the stamps are compared: names of partners are written in one encoding here and in another there, and a
 * wrong "no" would keep the message from being taken at all. What is not of the known form says nothing, and passes. Pure.
 */
export function maybeSameUpload(paths: unknown, urls: readonly string[]): boolean {
  const strings = Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : [];
  const stamps = strings.map(stampOf);
  if (stamps.length === 0 || stamps.includes(undefined)) return true;
  return urls.every((url) => {
    const stamp = stampOf(pathOf(url));
    return stamp === undefined || stamps.includes(stamp);
  });
}

/** Decoded as far as it goes; undefined where the path is not of the known form, or not to be decoded. */
function stampOf(path: string): string | undefined {
  let text = path;
  for (let count = 0; count <= mostDecodings; count += 1) {
    const stamp = form.exec(text)?.[1];
    // The stamp alone: a file may be called "100%.pdf".
    if (stamp !== undefined) return decoded(stamp);
    const next = decodedOnce(text);
    if (next === undefined || next === text) return undefined;
    text = next;
  }
  return undefined;
}

function decoded(text: string): string | undefined {
  let current = text;
  for (let count = 0; count <= mostDecodings; count += 1) {
    const next = decodedOnce(current);
    if (next === undefined || next === current) return next;
    current = next;
  }
  return undefined;
}

/** A plus sign may stand for a space: on both sides it is taken for one. */
function decodedOnce(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : '';
}
