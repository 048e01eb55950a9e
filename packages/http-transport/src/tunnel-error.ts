export type TunnelCode =
  | 'PROXY_AUTH_REQUIRED'
  | 'PROXY_REFUSED'
  | 'PROXY_TIMEOUT'
  | 'PROXY_GARBLED'
  | 'PROXY_UNREACHABLE'
  | 'PROXY_UNTRUSTED';

/** The way out failed before the request could be sent. */
export class TunnelError extends Error {
  readonly code: TunnelCode;

  constructor(code: TunnelCode) {
    super(code);
    this.code = code;
  }
}
