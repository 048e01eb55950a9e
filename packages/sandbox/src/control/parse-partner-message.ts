import type { PartnerAttachment, PartnerMessage } from '../gateway/partner';
import { ControlError } from './control-error';
import { asFields, optionalText } from './read-body';

/**
 * Reads the body of `POST /partners/{id}/send`.
 *
 * @throws ControlError 400 that names the field and what was expected there.
 */
export function parsePartnerMessage(value: unknown): PartnerMessage {
  const body = asFields(value);
  const { attachments } = body;
  if (!Array.isArray(attachments)) throw new ControlError(400, '`attachments` must be a list.');
  return {
    ...optionalText(body, 'to', 'to'),
    ...optionalText(body, 'messageId', 'messageId'),
    ...optionalText(body, 'subject', 'subject'),
    attachments: attachments.map((item, position) =>
      parseAttachment(item, `attachments[${String(position)}]`),
    ),
  };
}

function parseAttachment(value: unknown, where: string): PartnerAttachment {
  const item = asFields(value, `\`${where}\``);
  const { name, base64, generate } = item;
  if (typeof name !== 'string') throw new ControlError(400, `\`${where}.name\` must be a text.`);
  const common = { name, ...optionalText(item, 'contentType', `${where}.contentType`) };
  if (typeof base64 === 'string') return { ...common, content: decode(base64, where) };
  if (generate === undefined)
    throw new ControlError(
      400,
      `\`${where}\` needs its content: \`base64\` (text) or \`generate\` ({ bytes, seed }).`,
    );
  const { bytes, seed } = asFields(generate, `\`${where}.generate\``);
  if (typeof bytes !== 'number' || !Number.isSafeInteger(bytes) || bytes < 0)
    throw new ControlError(400, `\`${where}.generate.bytes\` must be a whole number of bytes.`);
  if (typeof seed !== 'string' && typeof seed !== 'number')
    throw new ControlError(400, `\`${where}.generate.seed\` must be a text or a number.`);
  return { ...common, generate: { bytes, seed } };
}

/** Buffer skips what is no base64, and the file would silently be another one. */
function decode(base64: string, where: string): Buffer {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64) || base64.length % 4 !== 0)
    throw new ControlError(
      400,
      `\`${where}.base64\` is not base64 (standard alphabet, with padding, no line breaks).`,
    );
  return Buffer.from(base64, 'base64');
}
