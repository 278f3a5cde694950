/** `npm start` with `HOLDFAST_TLS=acme`: the whole way from nothing to a renewed certificate, in a process of its own, against Pebble. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from './support/command.ts'
import { runToItsEnd, startExample, type Example } from './support/example.ts'
import { handshake } from './support/handshake.ts'
import { pebblePath, startPebble } from './support/pebble.ts'
import { freePort } from './support/ports.ts'

const found = await pebblePath()
const folder = mkdtempSync(join(tmpdir(), 'holdfast-acme-example-'))
after(() => rmSync(folder, { recursive: true, force: true }))

describe('the example with a certificate by ACME', { skip: 'skip' in found && found.skip }, () => {
  it('asks, serves, renews while it runs when the command says so, and starts again though the authority is away', async () => {
    const [port, httpPort] = [await freePort('::'), await freePort('::')]
    await using pebble = disposable(await startPebble({ tlsPort: port, httpPort }))
    writeFileSync(join(folder, 'authority.pem'), String(pebble.outbound.ca))
    const settings = {
      ...{ HOLDFAST_TLS: 'acme', HOLDFAST_ACME_TERMS: 'agreed', HOLDFAST_ACME_NAMES: 'www.panel.test' },
      ...{ HOLDFAST_ORIGIN: `https://panel.test:${port}`, HOLDFAST_HTTP_PORT: String(httpPort), HOLDFAST_MAIL: 'none' },
      ...{ HOLDFAST_ACME_DIRECTORY: pebble.directory, HOLDFAST_ACME_CA: join(folder, 'authority.pem') },
      ...{ HOLDFAST_ACME_INSECURE_LOCAL_UNTIL: '2099-01-01' },
    }
    const start = (): Promise<Example> => startExample('admin-panel', { settings, data: join(folder, 'data'), port })
    const command = (words: string) =>
      holdfastCommand(words, { environment: { ...settings, HOLDFAST_DATA: join(folder, 'data'), PORT: String(port) } })

    let first: string
    {
      await using example = await start()
      const ca = await pebble.root()
      const { certificate, alpn } = await handshake(port, 'www.panel.test', { ca, ALPNProtocols: ['h2'] })
      assert.deepEqual([certificate.subjectaltname, alpn], ['DNS:panel.test, DNS:www.panel.test', 'h2'])
      assert.deepEqual(await page(port, ca), [303, '/setup']) // there is no administrator yet
      first = certificate.fingerprint256
      const { json, out } = await command('tls show --json')
      assert.deepEqual(json.certificates[0].names, ['panel.test', 'www.panel.test'])
      assert.equal(json.certificates[0].fingerprint256, first)
      assert.ok(!/PRIVATE/.test(out + example.stdout() + example.stderr()))

      assert.equal((await command('tls renew')).code, 0)
      const renewed = await until(async () => {
        const next = (await handshake(port, 'panel.test', { ca })).certificate.fingerprint256
        return next === first ? undefined : next
      })
      assert.notEqual(renewed, first)
      first = renewed
      const types = example.log().map(({ type }) => type)
      assert.equal(types.filter((type) => type === 'tls_certificate_obtained').length, 2)
    }
    await pebble.stop()
    await using again = await start()
    assert.equal((await handshake(again.port, 'panel.test')).certificate.fingerprint256, first)
  })

  it('ends with why, when it gets no certificate and has none', async () => {
    const [port, nothing] = [await freePort('::'), await freePort()]
    const { code, stderr } = await runToItsEnd([], {
      ...{ HOLDFAST_TLS: 'acme', HOLDFAST_ACME_TERMS: 'agreed', HOLDFAST_ACME_INSECURE_LOCAL_UNTIL: '2099-01-01' },
      ...{ HOLDFAST_ORIGIN: `https://panel.test:${port}`, PORT: String(port), HOLDFAST_DATA: join(folder, 'none') },
      ...{ HOLDFAST_ACME_DIRECTORY: `https://localhost:${nothing}/dir`, HOLDFAST_MAIL: 'none' },
    })
    assert.equal(code, 3)
    assert.match(stderr, /There is no certificate for panel\.test/)
  })

  it('does not start with an authority on this machine that nobody allowed', async () => {
    const port = await freePort('::')
    const { code, stderr } = await runToItsEnd([], {
      ...{ HOLDFAST_TLS: 'acme', HOLDFAST_ACME_TERMS: 'agreed', HOLDFAST_ACME_INSECURE_LOCAL_UNTIL: '2001-01-01' },
      ...{ HOLDFAST_ORIGIN: `https://panel.test:${port}`, PORT: String(port), HOLDFAST_DATA: join(folder, 'past') },
      ...{ HOLDFAST_ACME_DIRECTORY: 'https://localhost:9/dir', HOLDFAST_MAIL: 'none' },
    })
    assert.deepEqual([code, /allowed until 2001-01-01/.test(stderr)], [2, true], stderr)
  })
})

/** The page of sign-in, over HTTP/1.1 and with trust in this root alone: its status and where it leads. */
async function page(port: number, ca: string): Promise<[number | undefined, string | undefined]> {
  const asked = request({
    host: '127.0.0.1',
    port,
    path: '/login',
    ca,
    servername: 'panel.test',
    headers: { host: `panel.test:${port}` },
  })
  asked.end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return [response.statusCode, response.headers.location]
}

/** Looks until there is something, for twenty seconds. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let left = 200; left > 0; left--) {
    const value = await look()
    if (value !== undefined) return value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('Nothing came of it in twenty seconds.')
}

function disposable<T extends { stop(): Promise<void> }>(value: T): T & AsyncDisposable {
  return Object.assign(value, { [Symbol.asyncDispose]: () => value.stop() })
}
