/** One process of an application whose keys are replaced: who somebody is, and what only they wrote, sealed. Told what to do by its parent. */
import { once } from 'node:events'
import { join } from 'node:path'
import { createHoldfast, Secret } from '../../src/index.ts'
import { node } from '../../src/adapters/node.ts'
import { createServer, drain } from '../../src/adapters/server.ts'
import { parseKeyring } from '../../src/crypto/keyring.ts'
import { blindIndex, fieldCipher } from '../../src/secrets/field-cipher.ts'
import { openDatabase } from '../../src/store/database-url.ts'
import { watchedFiles } from '../../src/tls/index.ts'
import { ORIGIN, PASSWORD, type Ask, type Process } from '../rotation-process.ts'

const { port, url, data, keys, pepper } = JSON.parse(process.argv[2]!) as Process
const FROM = { address: '127.0.0.1', network: '127.0.0.1', userAgent: 'bench' }
const migrations = [
  { id: 'diary-1', up: () => ['CREATE TABLE diary (id text PRIMARY KEY, mark text NOT NULL, text text NOT NULL)'] },
]

const database = await openDatabase(url)
const holdfast = await createHoldfast({
  ...{ origin: ORIGIN, data, database, migrations, mode: 'test', log: 'silent', processes: 2, rateLimit: false },
  keys: new Secret(keys),
  passwords: { pepper: new Secret(pepper), hashing: { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } } },
  accessTokens: { accept: 'everywhere' },
  csrf: { tokens: 'always' },
})
const { accounts } = holdfast
const ring = parseKeyring(keys)
const cipher = fieldCipher(ring, 'diary.text')
const marks = blindIndex(ring, 'diary.mark')
const diary = holdfast.database<{ diary: { id: string; mark: string; text: string } }>()

/** The row is found by its mark alone, and its text opens for nobody else. */
const application = node(holdfast, async (request, response) => {
  const { principal, formToken } = holdfast.of(request)
  const login = principal?.login
  const row =
    login && (await diary.selectFrom('diary').select('text').where('mark', 'in', marks.candidates(login)).executeTakeFirst())
  const opened = row ? cipher.open(login, row.text) : undefined
  response.end(JSON.stringify({ login, text: opened?.ok ? opened.text : null, form: formToken }))
})
const certificates = await watchedFiles(join(data, 'cert.pem'), join(data, 'key.pem'))
const server = createServer(holdfast, application, { tls: { certificates } }).listen(port, '127.0.0.1')
await once(server, 'listening')

const answers: { readonly [Name in Ask['what']]: (ask: Extract<Ask, { what: Name }>) => Promise<unknown> } = {
  async user({ login }: { readonly login: string }) {
    await accounts.users.create({ login, roles: ['member'], password: new Secret(PASSWORD) }, { kind: 'system', id: 'bench' })
    await diary
      .insertInto('diary')
      .values({ id: login, mark: marks.of(login), text: cipher.seal(login, `of ${login}`) })
      .execute()
  },
  async signIn({ login }) {
    const entered = await accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, FROM)
    return entered.ok ? entered.token.reveal() : undefined
  },
  async begin({ session }) {
    const begun = await accounts.tokens.begin({ session, client: 'Bench', keep: true }, FROM)
    return begun.ok ? { access: begun.accessToken.reveal(), refresh: begun.refreshToken.reveal() } : undefined
  },
  async refresh({ token }) {
    const next = await accounts.tokens.refresh(token, FROM)
    return next.ok ? { access: next.accessToken.reveal(), refresh: next.refreshToken.reveal() } : undefined
  },
  async rotateSigningKey() {
    return (await accounts.tokens.rotateKey({ kind: 'system', id: 'bench' })) !== undefined
  },
  async markAnew() {
    for (const { id } of await diary.selectFrom('diary').select('id').execute())
      await diary
        .updateTable('diary')
        .set({ mark: marks.of(id) })
        .where('id', '=', id)
        .execute()
  },
  async stop() {
    await drain(server, 1000)
    await certificates.stop()
    await holdfast.stop()
    await database.close()
    process.disconnect()
  },
}

process.on('message', ({ id, ...ask }: Ask & { readonly id: number }) => {
  answers[ask.what](ask as never).then(
    (value) => process.connected && process.send!({ id, value: value ?? null }),
    (error: Error) => process.connected && process.send!({ id, value: null, error: error.message }),
  )
})
process.send!({ id: 0, value: null })
