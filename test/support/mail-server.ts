/** A real SMTP server on loopback, with the faults that tests ask for, and somebody on the way to it who takes STARTTLS out. */
import { once } from 'node:events'
import net, { type AddressInfo, type Socket } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** What it was given. */
export interface Delivered {
  readonly from: string
  readonly to: readonly string[]
  readonly raw: string
  readonly secure: boolean
  readonly user: string | undefined
}

export interface MailServer {
  readonly port: number
  readonly delivered: Delivered[]
  readonly connections: { count: number }
  [Symbol.asyncDispose](): Promise<void>
}

/** The step at which it answers with `code`, as often as `times`. */
export interface Fault {
  readonly at: 'connect' | 'auth' | 'mail' | 'rcpt' | 'data'
  readonly code: number
  /** What it says with it. */
  readonly words?: string
  /** @default always */
  readonly times?: number
}

export interface MailServerOptions extends SMTPServerOptions {
  readonly fault?: Fault
  /** Who may send; absent: everybody. */
  readonly account?: { readonly user: string; readonly pass: string }
}

export async function mailServer({ fault, account, ...options }: MailServerOptions = {}): Promise<MailServer> {
  const delivered: Delivered[] = []
  const connections = { count: 0 }
  let left = fault?.times ?? Infinity

  function failure(at: Fault['at']): Error | null {
    if (fault?.at !== at || left-- <= 0) return null
    return Object.assign(new Error(fault.words ?? 'No.'), { responseCode: fault.code })
  }

  const server = new SMTPServer({
    logger: false,
    closeTimeout: 0,
    ...(account === undefined ? { authOptional: true, disabledCommands: options.key ? [] : ['STARTTLS'] } : {}),
    ...options,
    onConnect(_session, done) {
      connections.count++
      done(failure('connect'))
    },
    onAuth({ username, password }, _session, done) {
      const problem = failure('auth')
      if (problem) return done(problem)
      if (username !== account?.user || password !== account?.pass) return done(new Error('Wrong.'))
      done(null, { user: username })
    },
    onMailFrom: (_address, _session, done) => done(failure('mail')),
    onRcptTo: (_address, _session, done) => done(failure('rcpt')),
    onData(stream, { envelope, secure, user }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const problem = failure('data')
        if (problem) return done(problem)
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address
        const to = envelope.rcptTo.map(({ address }) => address)
        delivered.push({ from, to, raw: Buffer.concat(chunks).toString(), secure, user })
        done()
      })
    },
  })
  server.on('error', () => {}) // Clients that end in the middle: that is what is tested.
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    delivered,
    connections,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

export interface Interceptor {
  readonly port: number
  /** Everything that clients sent, as whoever stands between reads it. */
  overheard(): string
  [Symbol.asyncDispose](): Promise<void>
}

/** Somebody between client and server who listens. */
export async function listenOn(target: number): Promise<Interceptor> {
  return await between(target, (answer) => answer)
}

/** Somebody between client and server who takes the offer of STARTTLS out of the server's answers, and refuses it in the server's name (RFC 3207 section 6). */
export async function stripStartTls(target: number): Promise<Interceptor> {
  const refuse = (sent: string) => (/^STARTTLS\r\n/i.test(sent) ? '502 5.5.1 Command not implemented\r\n' : undefined)
  return await between(target, (answer) => answer.replace(/250-STARTTLS\r\n/gi, ''), refuse)
}

async function between(
  target: number,
  change: (answer: string) => string,
  instead: (sent: string) => string | undefined = () => undefined,
): Promise<Interceptor> {
  return await listen((client) => {
    const upstream = net.connect(target, '127.0.0.1')
    upstream.on('error', () => client.destroy())
    upstream.on('data', (chunk: Buffer) => client.write(change(chunk.toString('latin1')), 'latin1'))
    upstream.on('end', () => client.end())
    client.on('close', () => upstream.destroy())
    return (chunk) => {
      const answer = instead(chunk.toString('latin1'))
      if (answer === undefined) upstream.write(chunk)
      else client.write(answer)
    }
  })
}

/** A server of one's own: `say` gets what the client sends. */
export async function rawServer(greeting: string | undefined, say: (socket: Socket, line: string) => void): Promise<Interceptor> {
  return await listen((socket) => {
    if (greeting !== undefined) socket.write(greeting)
    return (chunk) => say(socket, chunk.toString())
  })
}

async function listen(serve: (socket: Socket) => (chunk: Buffer) => void): Promise<Interceptor> {
  let overheard = ''
  const sockets = new Set<Socket>()
  const server = net.createServer((socket) => {
    sockets.add(socket)
    const take = serve(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk: Buffer) => {
      overheard += chunk.toString('latin1')
      take(chunk)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    overheard: () => overheard,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
}
