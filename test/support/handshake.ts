/** One TLS handshake on loopback, and what came of it: for tests of certificates and of who may connect. */
import { once } from 'node:events'
import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls'

export interface Handshake {
  readonly protocol: string | null
  readonly alpn: string | false | null
  readonly certificate: PeerCertificate
}

/** Rejects with the client's error. By default any certificate will do. */
export async function handshake(port: number, servername: string, options: ConnectionOptions = {}): Promise<Handshake> {
  const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: options.ca !== undefined, ...options })
  try {
    await once(socket, 'secureConnect')
    return { protocol: socket.getProtocol(), alpn: socket.alpnProtocol, certificate: socket.getPeerCertificate() }
  } finally {
    socket.destroy()
  }
}
