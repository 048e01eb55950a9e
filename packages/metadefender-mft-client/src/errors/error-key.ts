import { isApiError } from '@mft-bridge/http-transport';

/**
 * The server's own word for what went wrong: `ui_message_key`, which is also `error.key` and `error.code` of an ApiError.
 *
 * @returns for example `UPLOAD_FILE_UPLOADER_GROUP_IS_REQUIRED`, or undefined where the answer had none
 */
export function errorKey(error: unknown): string | undefined {
  return isApiError(error) ? error.code : undefined;
}
