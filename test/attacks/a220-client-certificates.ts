import https from 'node:https'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, drain } from '../../src/adapters/server.ts'
import { localCertificate } from '../../src/tls/local.ts'
import { nodeApp } from '../support/apps/node.ts'
import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { clientAuthority, type ClientAuthority, type Issued } from '../support/client-authority.ts'

const NAME = 'spiffe://prod/billing'

/** What proxies write about a certificate, and what people have believed of it. */
const CLAIMS: readonly (readonly [string, string])[] = [
  ['x-client-cert', '-----BEGIN CERTIFICATE-----'],
  ['x-ssl-client-verify', 'SUCCESS'],
  ['x-ssl-client-s-dn', 'CN=billing'],
  ['ssl-client-cert', '-----BEGIN%20CERTIFICATE-----'],
  ['x-forwarded-client-cert', `By=spiffe://prod/app;URI=${NAME}`],
  ['client-cert', ':AAAA:'],
]

/** Whether somebody who shows `shown` reaches what is only for services. */
async function reaches(app: TestApp, authority: ClientAuthority, shown: Partial<Issued>, revoked?: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-a220-'))
  const certificate = await localCertificate(folder)
  const clientCertificates = { ca: authority.ca, ...(revoked !== undefined && { revoked }) }
  const server = createServer(app.holdfast, nodeApp(app.holdfast, app.state), { tls: { ...certificate, clientCertificates } })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    for (const [name, value] of CLAIMS) {
      const headers = { host: new URL(app.origin).host, [name]: value }
      const options = { port, host: '127.0.0.1', servername: 'localhost', ca: certificate.ca, agent: false, headers } as const
      const request = https.get({ ...options, path: '/public-json', key: shown.key, cert: shown.cert })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      response.resume()
      if (response.statusCode === 200) return true
    }
    return false
  } finally {
    await drain(server, 0)
    rmSync(folder, { recursive: true, force: true })
  }
}

const options = {
  clientCertificates: { required: 'everywhere', services: { [`URI:${NAME}`]: { name: 'billing', roles: ['member'] } } },
} as const

export default [
  defineAttack({
    id: 'A220',
    title: 'writes into headers that a certificate was shown, as a proxy would',
    control: 'clientCertificates',
    tls: true,
    options,
    succeeds: async (app) => await reaches(app, await clientAuthority(), {}),
  }),
  defineAttack({
    id: 'A221',
    title: 'shows a certificate with the right name, from an authority of their own',
    control: 'clientCertificates',
    tls: true,
    options,
    async succeeds(app) {
      const own = await (await clientAuthority()).issue([{ type: 'url', value: NAME }])
      return await reaches(app, await clientAuthority(), own)
    },
  }),
  defineAttack({
    id: 'A222',
    title: 'shows a certificate that was stolen and revoked',
    control: 'clientCertificates',
    tls: true,
    options,
    async succeeds(app) {
      const authority = await clientAuthority()
      const stolen = await authority.issue([{ type: 'url', value: NAME }])
      if (!(await reaches(app, authority, stolen))) throw new Error('The certificate does not work before it is revoked.')
      return await reaches(app, authority, stolen, await authority.revoke(stolen.serialNumber))
    },
  }),
]
