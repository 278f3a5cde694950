/** Ports that were free a moment ago, for who must know the number before anything listens. */
import net, { type AddressInfo } from 'node:net'

/** `host`: where it must be free. */
export function freePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, host, () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
