/**
 * The options of a TLS server: TLS 1.2 and 1.3 only, authenticated ciphers with forward secrecy only, short handshakes.
 * Source: RFC 9325 (BCP 195), Mozilla's "intermediate" profile 5.7 without its finite-field (DHE) ciphers, OWASP ASVS 5.0 12.1.
 */
import { constants } from 'node:crypto'
import type { SecureContextOptions, TlsOptions } from 'node:tls'

/** A private key and its certificate, the intermediates after it, in PEM. */
export interface CertificatePair {
  readonly key: string
  readonly cert: string
}

/** TLS 1.3 first; of TLS 1.2 what has ECDHE and AEAD. The order is a preference between equals. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/**
 * Key exchange: first what is safe against recorded traffic and later quantum computers, where this OpenSSL has it (`?`). OpenSSL's own
 * list goes on with finite fields (ffdhe2048, 112 bits), for which there is no reason left.
 */
const GROUPS = '?X25519MLKEM768:X25519:P-256:P-384:P-521'

const HANDSHAKE_TIMEOUT = 10_000 // Node waits two minutes, for anyone who opens connections and says nothing (CWE-400)

/**
 * Options for `https.createServer` or `tls.createServer`, and in part for `server.setSecureContext` when a certificate is renewed.
 * `protocols` are offered by ALPN (RFC 7301), most wanted first; a client that offers only others is refused.
 */
export function tlsOptions(
  { key, cert }: CertificatePair,
  protocols: readonly string[] = ['http/1.1'],
): TlsOptions & SecureContextOptions {
  return {
    key,
    cert,
    minVersion: 'TLSv1.2',
    ciphers: CIPHERS,
    honorCipherOrder: true,
    ecdhCurve: GROUPS,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ALPNProtocols: [...protocols],
    handshakeTimeout: HANDSHAKE_TIMEOUT,
  }
}
