import { brandError, hasBrand, MftBridgeError } from '@mft-bridge/http-transport';

/** The bytes to be uploaded are not what was said of them. The upload was not closed. */
export class UploadSourceError extends MftBridgeError {
  static {
    brandError(this, 'UploadSourceError');
  }

  constructor(message: string) {
    super({
      message,
      operation: 'uploads.uploadFile',
      outcome: 'rejected',
      hint: 'Nothing became visible at the server. Upload again when the source is complete and no longer changes.',
    });
  }
}

/** Whether a thrown value is an {@link UploadSourceError}, also one of another copy of this package. */
export function isUploadSourceError(error: unknown): error is UploadSourceError {
  return hasBrand(error, 'UploadSourceError');
}
