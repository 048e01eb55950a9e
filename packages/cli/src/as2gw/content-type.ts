const TYPES: Readonly<Record<string, string>> = {
  '.txt': 'text/plain',
  '.xml': 'application/xml',
  '.edi': 'application/EDI',
  '.x12': 'application/EDI-X12',
  '.edifact': 'application/EDIFACT',
};

/** The media type by the extension, as the console of the gateway chooses it. Pure. */
export function contentTypeOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return TYPES[dot < 0 ? '' : name.slice(dot).toLowerCase()] ?? 'application/octet-stream';
}
