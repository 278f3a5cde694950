/** One server in a process of its own: `main.ts <framework> <bare|guarded> <port>`. Tells its CPU time and memory when asked. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHoldfast, Secret } from '../../src/index.ts'
import { detections } from '../../src/observe/detections/index.ts'
import { frameworks, type Framework } from './frameworks.ts'
import { createWork, type Work } from './routes.ts'

/**
 * `proxied`: guarded, believing what the load says of its addresses, with metrics and a log in a file as `npm start` has them; `measured`: guarded,
 * with metrics; `undetected`: guarded, with every detection off; `audited` and `unaudited`: guarded, and each request to `/api/me` emits an event,
 * which the audit log takes or not.
 */
export type Kind = 'bare' | 'guarded' | 'proxied' | 'measured' | 'undetected' | 'audited' | 'unaudited'

const TOMORROW = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
const OFF = { state: 'off', reason: 'measured without detections' } as const

const [framework, kind, port] = process.argv.slice(2) as [Framework, Kind, string]

const emits = kind === 'audited' || kind === 'unaudited'
const data = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
process.once('exit', () => rmSync(data, { recursive: true, force: true }))
process.once('disconnect', () => process.exit(0))

const holdfast =
  kind === 'bare'
    ? undefined
    : await createHoldfast({
        origin: `http://localhost:${port}`,
        data,
        log: kind === 'proxied' ? join(data, 'log') : 'silent',
        public: ['/', ...(emits ? ['/api/me'] : [])],
        ...(kind === 'unaudited' && { audit: { insecureOff: { reason: 'measured without it', until: TOMORROW } } }),
        // Off by default where the origin is not this machine, as it is only here.
        observe: { metrics: (kind === 'measured' || kind === 'proxied') && {} },
        ...(kind === 'proxied' && { client: { trustedProxies: ['127.0.0.1'] } }),
        ...(kind === 'undetected' && { detections: { each: Object.fromEntries(detections.map(({ name }) => [name, OFF])) } }),
        // Guesses are measured as they are hashed; what the kit asks of unknown browsers under attack would end the flood.
        signIn: { challenge: { failures: 1_000_000 } },
        // The load comes from one address; the limiter does its work and never refuses.
        rateLimit: { limits: { client: '999999/s', site: '999999/s', principal: '999999/s' } },
      })
const cookie = await signIn()
await frameworks[framework](emits ? emitting(createWork()) : createWork(), holdfast)(Number(port))

process.on('message', (message: string) => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send!({ cpu: user + system, memory: process.memoryUsage.rss() })
  }
})
process.send!({ ready: true, cookie })

function emitting(work: Work): Work {
  return {
    ...work,
    me() {
      holdfast!.emit({ type: 'sensitive_read', data: { userId: 'ada', rows: 1 } })
      return work.me()
    },
  }
}

async function signIn(): Promise<string> {
  if (!holdfast) return 'a=b'
  const password = new Secret('a walrus sings at four')
  await holdfast.accounts.users.create({ login: 'ada', password, roles: ['member'] }, { kind: 'system', id: 'bench' })
  const result = await holdfast.accounts.doors.password.signIn(
    { login: 'ada', password },
    { address: '127.0.0.1', network: '127.0.0.1', userAgent: 'bench' },
  )
  if (!result.ok) throw new Error(result.reason)
  return `hf_sid_localhost=${result.token.reveal()}`
}
