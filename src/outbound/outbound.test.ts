import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { localCertificate } from '../tls/local.ts'
import { OutboundError } from './errors.ts'
import type { OutboundOptions, OutboundReport } from './options.ts'
import { createOutbound } from './outbound.ts'

const servers: Server[] = []
const folder = mkdtempSync(join(tmpdir(), 'holdfast-outbound-'))
after(() => {
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
  rmSync(folder, { recursive: true, force: true })
})

async function listen(listener: RequestListener, tls?: { key: string; cert: string }): Promise<number> {
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Peers on loopback, which an option has to let in. */
function peers(...ports: readonly number[]): OutboundOptions {
  const hosts = ports.flatMap((port) => [`localhost:${port}`, `127.0.0.1:${port}`])
  return { insecureAllowHosts: { hosts, reason: 'peers of a test, on loopback', until: '2099-01-01' } }
}

const refusedFor = (reason: string) => (error: unknown) =>
  error instanceof OutboundError && error.reason === reason && error.refused
const failedFor = (reason: string) => (error: unknown) =>
  error instanceof OutboundError && error.reason === reason && !error.refused

describe('where outbound requests may go', () => {
  it('refuses everything that is not https, and an address with a name in it', async () => {
    const outbound = createOutbound()
    for (const address of [
      'http://example.com/',
      'ftp://example.com/',
      'file:///etc/passwd',
      'unix:/run/docker.sock',
      'data:,x',
      'x',
    ])
      await assert.rejects(outbound.fetch(address), refusedFor('scheme'))
    await assert.rejects(outbound.fetch('https://user@example.com/'), refusedFor('userinfo'))
    await assert.rejects(outbound.fetch('https://public.example@127.0.0.1/'), refusedFor('userinfo'))
  })

  it('refuses this machine and the network around it in every spelling, without a connection', async () => {
    let asked = 0
    const port = await listen((_, response) => void (asked++, response.end()))
    const outbound = createOutbound({ resolve: () => Promise.resolve(['127.0.0.1']) })
    const hosts = [
      '127.0.0.1',
      '127.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '[::1]',
      '[::]',
      '0',
      '①②⑦.0.0.1',
      'localhost.',
    ]
    const more = [
      '[::ffff:127.0.0.1]',
      '[::127.0.0.1]',
      '[64:ff9b::7f00:1]',
      '[2002:7f00:1::]',
      '[fd00:ec2::254]',
      '169.254.169.254',
    ]
    for (const host of [...hosts, ...more])
      await assert.rejects(outbound.fetch(`https://${host}:${port}/`), refusedFor('address'), host)
    assert.equal(asked, 0)
  })

  it('refuses a name of which one address among several is not public', async () => {
    const outbound = createOutbound({ resolve: () => Promise.resolve(['8.8.8.8', '10.0.0.5']) })
    await assert.rejects(outbound.fetch('https://mixed.example/'), refusedFor('address'))
  })

  it('reaches only the hosts of a list, by exact name', async () => {
    const asked: string[] = []
    const resolve = (name: string) => {
      asked.push(name)
      return Promise.reject(new Error('no such name'))
    }
    const outbound = createOutbound({ allow: ['api.example'], resolve })
    for (const host of ['evil.example', 'api.example.evil.example', 'xapi.example', 'sub.api.example'])
      await assert.rejects(outbound.fetch(`https://${host}/`), refusedFor('host'))
    await assert.rejects(outbound.fetch('https://API.example./'), failedFor('unresolved'))
    assert.deepEqual(asked, ['api.example'])
  })

  it('asks for the addresses of a name once, and connects to those it has checked (DNS rebinding)', async () => {
    const hosts: (string | undefined)[] = []
    const port = await listen((request, response) => {
      hosts.push(request.headers.host)
      response.end('reached')
    })
    const answers = [['10.9.9.9'], ['127.0.0.1']]
    const asked: string[] = []
    const resolve = (name: string) => {
      asked.push(name)
      return Promise.resolve(answers[asked.length - 1] ?? ['127.0.0.1'])
    }
    await assert.rejects(createOutbound({ resolve }).fetch(`https://rebind.example:${port}/`), refusedFor('address'))
    assert.deepEqual(asked, ['rebind.example'])
    // The name of this host leads nowhere on this machine: that the server is reached shows that the checked address was used.
    const insecureAllowHosts = { hosts: [`rebind.example:${port}`], reason: 'a name of a test', until: '2099-01-01' }
    const pinned = createOutbound({ insecureAllowHosts, resolve })
    assert.equal(await (await pinned.fetch(`http://rebind.example:${port}/`)).text(), 'reached')
    assert.deepEqual([asked.length, hosts], [2, [`rebind.example:${port}`]])
  })

  it('reaches private networks that are named, and never loopback by that way', async () => {
    assert.throws(() => createOutbound({ networks: ['127.0.0.0/8'] }), RangeError)
    assert.throws(() => createOutbound({ networks: ['0.0.0.0/0'] }), RangeError)
    assert.throws(() => createOutbound({ networks: ['169.254.169.254'] }), RangeError)
    const outbound = createOutbound({ networks: ['10.1.0.0/16'], resolve: () => Promise.resolve(['10.2.0.1']) })
    await assert.rejects(outbound.fetch('https://directory.example/'), refusedFor('address'))
  })
})

describe('redirects of outbound requests', () => {
  it('are each checked as the first address was', async () => {
    const port = await listen(
      (_, response) => void response.writeHead(302, { location: 'https://169.254.169.254/latest/' }).end(),
    )
    const outbound = createOutbound(peers(port))
    await assert.rejects(outbound.fetch(`http://localhost:${port}/`), refusedFor('address'))
    const manual = await outbound.fetch(`http://localhost:${port}/`, { redirect: 'manual' })
    assert.equal(manual.status, 302)
    await assert.rejects(outbound.fetch(`http://localhost:${port}/`, { redirect: 'error' }), refusedFor('redirect'))
  })

  it('are followed three times and no more', async () => {
    let hops = 0
    const port = await listen((request, response) => {
      hops++
      response.writeHead(302, { location: `/${Number(request.url!.slice(1)) + 1}` }).end()
    })
    await assert.rejects(createOutbound(peers(port)).fetch(`http://localhost:${port}/0`), refusedFor('redirect'))
    assert.equal(hops, 4)
  })

  it('never lead from https to http', async () => {
    const tls = await localCertificate(join(folder, 'tls'))
    const plain = await listen((_, response) => void response.end('plain'))
    const port = await listen(
      (_, response) => void response.writeHead(302, { location: `http://localhost:${plain}/` }).end(),
      tls,
    )
    const outbound = createOutbound({ ...peers(port, plain), ca: tls.ca })
    await assert.rejects(outbound.fetch(`https://localhost:${port}/`), refusedFor('redirect'))
  })

  it('take nothing to another origin that lets somebody in, and no body', async () => {
    const seen: IncomingMessage[] = []
    const other = await listen((request, response) => {
      seen.push(request)
      response.end('there')
    })
    const port = await listen((request, response) => {
      const status = request.url === '/307' ? 307 : 302
      response.writeHead(status, { location: `http://127.0.0.1:${other}/` }).end()
    })
    const outbound = createOutbound(peers(port, other))
    const headers = { authorization: 'Bearer secret', cookie: 'a=b', 'x-api-key': 'secret', accept: 'text/plain' }
    assert.equal(await (await outbound.fetch(`http://localhost:${port}/`, { headers })).text(), 'there')
    const { authorization, cookie, accept } = seen[0]!.headers
    assert.deepEqual(
      [authorization, cookie, seen[0]!.headers['x-api-key'], accept],
      [undefined, undefined, undefined, 'text/plain'],
    )
    await assert.rejects(
      outbound.fetch(`http://localhost:${port}/307`, { method: 'POST', body: new URLSearchParams({ client_secret: 'x' }) }),
      refusedFor('redirect'),
    )
    assert.equal(seen.length, 1)
  })
})

describe('answers to outbound requests', () => {
  it('are whole: status, headers, body', async () => {
    const port = await listen((request, response) => {
      response.writeHead(201, { 'content-type': 'application/json', 'x-method': request.method }).end('{"a":1}')
    })
    const answer = await createOutbound(peers(port)).fetch(`http://localhost:${port}/`, { method: 'POST', body: 'x' })
    assert.deepEqual([answer.status, answer.headers.get('x-method'), await answer.json()], [201, 'POST', { a: 1 }])
  })

  it('end at the limit, whether the head promised it or not', async () => {
    const port = await listen((request, response) => {
      if (request.url === '/head') response.setHeader('x-long', 'x'.repeat(20_000))
      response.write('x'.repeat(600))
      response.end('x'.repeat(600))
    })
    const outbound = createOutbound({ ...peers(port), maxBody: 1000 })
    await assert.rejects(outbound.fetch(`http://localhost:${port}/`), failedFor('too-large'))
    await assert.rejects(outbound.fetch(`http://localhost:${port}/head`), failedFor('too-large'))
  })

  it('unpack to no more than the limit, and are asked for unpacked', async () => {
    const asked: unknown[] = []
    const port = await listen((request, response) => {
      asked.push(request.headers['accept-encoding'])
      const body = gzipSync(request.url === '/bomb' ? Buffer.alloc(50_000_000) : Buffer.from('small'))
      response.writeHead(200, { 'content-encoding': request.url === '/twice' ? 'gzip, gzip' : 'gzip' }).end(body)
    })
    const outbound = createOutbound(peers(port))
    assert.equal(await (await outbound.fetch(`http://localhost:${port}/`)).text(), 'small')
    await assert.rejects(outbound.fetch(`http://localhost:${port}/bomb`), failedFor('too-large'))
    await assert.rejects(outbound.fetch(`http://localhost:${port}/twice`), failedFor('malformed'))
    assert.deepEqual(asked, ['identity', 'identity', 'identity'])
  })

  it('must come: the head, and all of the body', async () => {
    const port = await listen((request, response) => {
      if (request.url === '/body') response.writeHead(200).write('and then nothing')
    })
    const slowHead = createOutbound({ ...peers(port), headTimeout: 40 })
    await assert.rejects(slowHead.fetch(`http://localhost:${port}/`), failedFor('too-late'))
    const slowBody = createOutbound({ ...peers(port), timeout: 400 })
    await assert.rejects(slowBody.fetch(`http://localhost:${port}/body`), failedFor('too-late'))
    const never = createOutbound({ timeout: 40, resolve: () => new Promise(() => undefined) })
    await assert.rejects(never.fetch('https://slow.example/'), failedFor('too-late'))
  })

  it('are not waited for when the caller gives up', async () => {
    const port = await listen(() => undefined)
    const reason = new Error('no longer wanted')
    const outbound = createOutbound(peers(port))
    await assert.rejects(outbound.fetch(`http://localhost:${port}/`, { signal: AbortSignal.abort(reason) }), reason)
    const said: OutboundReport[] = []
    const begun = await listen((_, response) => void response.writeHead(200).write('half'))
    const reporting = createOutbound({ ...peers(begun), report: (report) => void said.push(report) })
    for (const why of [reason, 'a text']) {
      const stop = new AbortController()
      setTimeout(() => stop.abort(why), 30)
      const given = await reporting.fetch(`http://localhost:${begun}/`, { signal: stop.signal }).catch((error: unknown) => error)
      assert.equal(given, why)
    }
    assert.deepEqual(said, [])
  })

  it('must be of a server whose certificate is trusted, whatever the environment says', async () => {
    const tls = await localCertificate(join(folder, 'tls'))
    const port = await listen((_, response) => void response.end('secure'), tls)
    const trusting = createOutbound({ ...peers(port), ca: tls.ca })
    assert.equal(await (await trusting.fetch(`https://localhost:${port}/`)).text(), 'secure')
    const text = `import { createOutbound } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
      const outbound = createOutbound(${JSON.stringify(peers(port))})
      await outbound.fetch('https://localhost:${port}/').then(() => console.log('trusted'), (error) => console.log(error.reason))`
    const said = await run(text, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    assert.equal(said, 'unreachable')
  })

  it('come by no proxy that the environment names', async () => {
    let byProxy = 0
    const proxy = await listen((_, response) => void (byProxy++, response.end('proxy')))
    const port = await listen((_, response) => void response.end('direct'))
    const text = `import { createOutbound } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
      const outbound = createOutbound(${JSON.stringify(peers(port))})
      console.log(await (await outbound.fetch('http://localhost:${port}/')).text())`
    const url = `http://127.0.0.1:${proxy}`
    assert.equal(await run(text, { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: url, http_proxy: url, HTTPS_PROXY: url }), 'direct')
    assert.equal(byProxy, 0)
  })
})

describe('a guard of outbound requests', () => {
  it('says what it refused and what failed, by host and without the path', async () => {
    const said: OutboundReport[] = []
    const outbound = createOutbound({
      report: (report) => void said.push(report),
      resolve: () => Promise.reject(new Error('none')),
    })
    await assert.rejects(outbound.fetch('https://127.0.0.1/secret-path'), /127\.0\.0\.1/)
    await assert.rejects(outbound.fetch('https://gone.example/secret-path'), (error: Error) => !error.message.includes('secret'))
    assert.deepEqual(said, [
      { type: 'outbound_refused', host: '127.0.0.1', reason: 'address' },
      { type: 'outbound_failed', host: 'gone.example', reason: 'unresolved' },
    ])
  })

  it('says where the answer led when it was that which was refused', async () => {
    const said: OutboundReport[] = []
    const port = await listen(
      (_, response) => void response.writeHead(302, { location: 'https://169.254.169.254/latest?token=secret' }).end(),
    )
    const outbound = createOutbound({ ...peers(port), report: (report) => void said.push(report) })
    await assert.rejects(outbound.fetch(`http://localhost:${port}/hook`), { reason: 'address', host: '169.254.169.254' })
    assert.deepEqual(said, [{ type: 'outbound_refused', host: 'localhost', reason: 'address', ledTo: '169.254.169.254' }])
  })

  it('is not made of options that cannot be meant', () => {
    const wrong: OutboundOptions[] = [
      { allow: ['https://api.example'] },
      { allow: 'everywhere' as 'public-only' },
      { redirects: 99 },
      { timeout: 0 },
      { networks: ['10.0.0.1/8'] },
      { insecureAllowHosts: { hosts: ['localhost'], reason: 'a reason of substance', until: '2099-01-01' } },
      { insecureAllowHosts: { hosts: ['localhost:1'], reason: 'short', until: '2099-01-01' } },
      { insecureAllowHosts: { hosts: ['localhost:1'], reason: 'a reason of substance', until: '2001-01-01' } },
      { allowed: [] } as unknown as OutboundOptions,
    ]
    for (const options of wrong) assert.throws(() => createOutbound(options), RangeError, JSON.stringify(options))
  })
})

function run(text: string, environment: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    const flags = ['--disable-warning=ExperimentalWarning', '--disable-warning=Warning', '--input-type=module', '-e', text]
    const child = spawn(process.execPath, flags, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.on('error', reject)
    child.on('close', () => resolve(said.trim().split('\n').at(-1)!))
  })
}
