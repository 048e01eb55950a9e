import { inspect } from 'node:util';

/** Which attachment of which message. Survives JSON; a new address can be asked for at any time. */
export interface AttachmentRef {
  /** Id of the message. */
  readonly id: string;
  /** Index in the service's list, from 0. Tells two attachments of one name apart. */
  readonly position: number;
  /** The name, as the partner chose it: data, never a path. */
  readonly name: string;
}

/** An attachment with its pre-signed address. */
export interface AttachmentLink extends AttachmentRef {
  /**
   * Valid for ten minutes. Whoever has it has the file: it is therefore not enumerable, and JSON, `inspect`, spread
   * and loggers pass it by.
   */
  readonly url: string;
}

/** The attachments of one message. */
export interface AttachmentList {
  /** How many the service says there are. When it differs from `attachments.length`, the list is not whole. */
  readonly total: number;
  /** Those that are listed, in the order of the service. */
  readonly attachments: readonly AttachmentLink[];
}

/** Puts an address behind a reference without showing it. */
export function createAttachmentLink(ref: AttachmentRef, url: string): AttachmentLink {
  const visible: AttachmentRef = { id: ref.id, position: ref.position, name: ref.name };
  const link = { ...visible };
  // An accessor, so that even `showHidden` finds a function and no text; the custom form hides it from `getters`.
  Object.defineProperty(link, 'url', { get: () => url, enumerable: false });
  Object.defineProperty(link, inspect.custom, {
    value: () => ({ ...visible, url: '[secret]' }),
    enumerable: false,
  });
  return link as AttachmentLink;
}
