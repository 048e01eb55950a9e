/** A leaf of a MIME tree. */
export interface MimePart {
  /** Media type in lower case, without parameters. */
  readonly type: string;
  /** Its content, decoded from base64 or quoted-printable, as UTF-8. */
  readonly text: string;
}

/** Deeper nesting is no receipt: a signed report has two levels. */
const MOST_LEVELS = 8;

/** The leaves of a MIME entity (given as Latin-1), in their order. Never throws; what is no MIME is one leaf. */
export function mimeParts(entity: string, level = 0): readonly MimePart[] {
  // The body alone, without the header that names its boundary: the first line tells.
  const leading = level === 0 ? /^(?:\r?\n)?--([^\r\n]{1,70}?)[ \t]*\r?\n/.exec(entity)?.[1] : undefined;
  if (leading !== undefined) return nested(entity, leading, level);
  const { headers, body } = splitHeaders(entity);
  const contentType = headers.get('content-type') ?? '';
  const boundary = boundaryOf(contentType);
  if (boundary !== undefined && level < MOST_LEVELS) return nested(body, boundary, level);
  const type = (/^[^;\s]+/.exec(contentType)?.[0] ?? '').toLowerCase();
  return [{ type, text: decode(body, headers.get('content-transfer-encoding')) }];
}

function splitHeaders(entity: string): { headers: Map<string, string>; body: string } {
  // A part may begin with the empty line: it has no headers then.
  if (/^\r?\n/.test(entity)) return { headers: new Map(), body: entity.replace(/^\r?\n/, '') };
  const end = /\r?\n\r?\n/.exec(entity);
  const head = end ? entity.slice(0, end.index) : entity;
  const headers = new Map<string, string>();
  for (const line of head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const [, name, value] = /^([!-9;-~]+)[ \t]*:[ \t]*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) headers.set(name.toLowerCase(), value);
  }
  return { headers, body: end ? entity.slice(end.index + end[0].length) : '' };
}

function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] =
    /^multipart\/[^;]*;.*?\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

function nested(body: string, boundary: string, level: number): readonly MimePart[] {
  return splitParts(body, boundary).flatMap((part) => mimeParts(part, level + 1));
}

function splitParts(body: string, boundary: string): string[] {
  const parts: string[] = [];
  let part: string[] | undefined;
  for (const line of body.split('\n')) {
    const bare = line.trimEnd();
    if (bare === `--${boundary}` || bare === `--${boundary}--`) {
      // The line break before a boundary belongs to the boundary.
      if (part) parts.push(part.join('\n').replace(/\r$/, ''));
      part = bare === `--${boundary}--` ? undefined : [];
      if (!part) break;
    } else part?.push(line);
  }
  if (part && part.length > 0) parts.push(part.join('\n')); // cut off: what is there is still evidence
  return parts;
}

function decode(body: string, encoding = ''): string {
  const bytes = Buffer.from(body, 'latin1');
  switch (encoding.trim().toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('utf8');
    case 'quoted-printable':
      return Buffer.from(
        body
          .replace(/[ \t]*=\r?\n/g, '')
          .replace(/=([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
        'latin1',
      ).toString('utf8');
    default:
      return bytes.toString('utf8');
  }
}
