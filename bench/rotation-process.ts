/** The processes whose keys are replaced, as seen from outside: started, asked, spoken to over TLS, and stopped. */
import { fork, type ChildProcess } from 'node:child_process'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'

export const ORIGIN = 'https://localhost'
export const PASSWORD = 'a walrus sings at four'

/** What a process is started with. */
export interface Process {
  readonly port: number
  /** Of the database: a path, or postgres:// */
  readonly url: string
  readonly data: string
  readonly keys: string
  readonly pepper: string
}

/** What a process may be asked, beside requests. */
export type Ask =
  | { readonly what: 'user' | 'signIn'; readonly login: string }
  | { readonly what: 'begin'; readonly session: string }
  | { readonly what: 'refresh'; readonly token: string }
  | { readonly what: 'rotateSigningKey' | 'markAnew' | 'stop' }

export interface Running {
  readonly port: number
  ask(ask: Ask): Promise<unknown>
  stop(): Promise<void>
}

export async function startProcess(options: Process): Promise<Running> {
  const child = fork(join(import.meta.dirname, 'servers/rotation.ts'), [JSON.stringify(options)], {
    execArgv: ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning'],
  })
  const waiting = new Map<number, (value: unknown) => void>()
  let asked = 0
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.on('message', ({ id, value }: { id: number; value: unknown }) => {
    waiting.get(id)?.(value)
    waiting.delete(id)
  })
  const answerTo = (id: number): Promise<unknown> =>
    Promise.race([
      new Promise((resolve) => waiting.set(id, resolve)),
      gone.then(() => Promise.reject(new Error('A process ended.'))),
    ])
  await answerTo(0)
  return {
    port: options.port,
    ask(ask) {
      const answer = answerTo(++asked)
      child.send({ id: asked, ...ask })
      return answer
    },
    stop: () => stopProcess(child, gone),
  }
}

async function stopProcess(child: ChildProcess, gone: Promise<void>): Promise<void> {
  // What was sent to it a moment ago is answered first.
  await wait(300)
  if (child.connected) child.send({ id: -1, what: 'stop' })
  await gone
}

/** The authority of the certificates of this run. */
let trusted = ''

export function trust(ca: string): void {
  trusted = ca
}

export interface Got {
  readonly status: number
  readonly text: string
  readonly certificate: string
  /** The port of our end: of one connection it is one. */
  readonly from: number | undefined
}

export function get(port: number, headers: Record<string, string>, method = 'GET', agent?: https.Agent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const to = { port, host: '127.0.0.1', servername: 'localhost', ca: trusted, path: '/', method }
    const request = https.request({ ...to, headers, agent: agent ?? false }, (response: IncomingMessage) => {
      const socket = response.socket as TLSSocket
      const [certificate, from] = [shown(socket), socket.localPort]
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => void (text += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, text, certificate, from })).on('error', reject)
    })
    request.on('error', reject).end()
  })
}

/** Its fingerprint; what was handed over once is all that a connection knows. */
function shown(socket: TLSSocket): string {
  return socket.getPeerX509Certificate()?.fingerprint256 ?? ''
}
