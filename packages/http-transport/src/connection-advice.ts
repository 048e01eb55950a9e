export interface ConnectionAdvice {
  /** What happened, continuing "<operation>: ". */
  readonly what: string;
  /** What to do. */
  readonly hint: string;
  /** Another try can change nothing. */
  readonly permanent: boolean;
}

const advice = (what: string, hint: string, permanent = false): ConnectionAdvice => ({
  what,
  hint,
  permanent,
});

const untrusted = advice(
  'the TLS certificate of the other side was issued by an authority that is not trusted here',
  'If a private authority or an inspecting proxy issued it, give its certificate as egress.ca.',
  true,
);

const byCode: Readonly<Record<string, ConnectionAdvice>> = {
  ECONNREFUSED: advice(
    'the connection was refused; nothing listens there, or a firewall rejects it',
    'Check host and port, and whether the service runs.',
  ),
  ENOTFOUND: advice(
    'the host name is unknown',
    'Check the spelling of the host and the DNS of this machine.',
  ),
  EAI_AGAIN: advice('the name service did not answer', 'Check the DNS of this machine.'),
  EHOSTUNREACH: advice('there is no way to the host', 'Check routing, VPN and firewall.'),
  ENETUNREACH: advice('there is no way to the network', 'Check routing, VPN and firewall.'),
  ETIMEDOUT: advice('the host did not answer', 'Check routing and firewall, and whether the host runs.'),
  ECONNRESET: advice('the connection was reset', 'Look at the log of the service, or of a proxy before it.'),
  EPIPE: advice(
    'the connection was closed while sending',
    'Look at the log of the service, or of a proxy before it.',
  ),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: advice(
    'the TLS certificate of the other side has expired',
    'It must be renewed there. Check the clock of this machine as well.',
    true,
  ),
  CERT_NOT_YET_VALID: advice(
    'the TLS certificate of the other side is not valid yet',
    'Check the clock of this machine.',
    true,
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: advice(
    'the TLS certificate of the other side is for another host',
    'Use the host name that the certificate names.',
    true,
  ),
  ERR_SSL_WRONG_VERSION_NUMBER: advice(
    'the other side does not speak TLS there',
    'Check scheme and port.',
    true,
  ),
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: advice(
    'the server asks for a client certificate',
    'Give it as egress.cert and egress.key.',
    true,
  ),
  ADDRESS_REFUSED: advice(
    'the host name leads to an address that is private, link-local, loopback or reserved, and was not connected to',
    'A link to such an address is not fetched, since it may aim at what only this machine can reach. Check who made the link.',
    true,
  ),
  PROXY_AUTH_REQUIRED: advice(
    'the proxy asks for a user and a password, or refused the ones given (407)',
    'Give them in egress.proxy, percent-encoded: http://user:password@proxy:3128.',
    true,
  ),
  PROXY_REFUSED: advice('the proxy refused to connect to the host', 'Ask its owner to permit host and port.'),
  PROXY_TIMEOUT: advice('the proxy did not answer', 'Check egress.proxy, and whether the proxy runs.'),
  PROXY_UNREACHABLE: advice('the proxy cannot be reached', 'Check egress.proxy, and whether the proxy runs.'),
  PROXY_UNTRUSTED: advice(
    'the TLS certificate of the proxy is not trusted here, or is for another host',
    'Give the certificate of its authority as egress.ca, together with that of the service, and use the name that it is issued for.',
    true,
  ),
  HPE_UNEXPECTED_UPGRADE: advice(
    'the server changed to another protocol, which nobody asked for',
    'Check host and port; something else may listen there.',
  ),
  PROXY_GARBLED: advice(
    'the proxy answered something other than HTTP',
    'Check scheme and port of egress.proxy.',
  ),
};

/** What a failed connection means and what to do about it, by the code of the error. */
export function connectionAdvice(code: string | undefined, sent: boolean): ConnectionAdvice {
  const known = code === undefined ? undefined : byCode[code];
  if (known !== undefined) return known;
  if (code?.startsWith('ERR_OSSL_') === true) {
    return advice(
      'egress.ca, egress.cert or egress.key cannot be read, or egress.passphrase is not that of the key',
      'Give them in PEM, and of an encrypted key its egress.passphrase.',
      true,
    );
  }
  if (code?.startsWith('HPE_') === true) {
    return advice('the answer was not HTTP', 'Check host and port; something else may listen there.');
  }
  if (!sent && code !== undefined && /^(ERR_SSL|ERR_TLS|EPROTO|CERT_)/.test(code)) {
    return advice(
      'the TLS handshake failed',
      'Check which TLS versions the service speaks, and the certificates at both ends.',
    );
  }
  return sent
    ? advice('the connection broke off', 'Look at the log of the service, or of a proxy before it.')
    : advice('no connection could be made', 'Check host, port, firewall and egress settings.');
}
