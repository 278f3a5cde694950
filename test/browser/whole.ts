/** The example with every page that the kit has: all doors and desks are open, and what of them is a page is computed, not written down. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { desks } from '../../src/controls/console/desks/index.ts'
import { readConsoleOptions } from '../../src/controls/console/options.ts'
import { readSignInOptions, type SignInInput } from '../../src/controls/sign-in/options.ts'
import { drain } from '../../src/adapters/server.ts'
import { generateKey } from '../../src/crypto/keyring.ts'
import { createHoldfast, Secret, type Holdfast } from '../../src/index.ts'
import type { MailMessage } from '../../src/mail/message.ts'
import { buildApp, openPaths, rules } from '../../examples/admin-panel/app.ts'
import { createData, migrations } from '../../examples/admin-panel/data.ts'
import { illustratedNote } from '../../examples/admin-panel/forms.ts'
import { BRAND } from '../../examples/admin-panel/pages/page.ts'
import { watched } from '../../examples/admin-panel/watch.ts'
import { capturingTransport } from '../support/mail.ts'
import { freePort } from '../support/ports.ts'
import { lyingProvider, type LyingProvider } from '../support/provider.ts'

export interface Whole {
  readonly origin: string
  readonly holdfast: Holdfast
  readonly idp: LyingProvider
  /** Paths at which a GET may be a page. `:id` stands for what is stored. */
  readonly paths: readonly string[]
  readonly clock: { readonly now: () => number; advance(milliseconds: number): void }
  /** The letters since the last call, after writing and sending what is due. */
  mails(): Promise<MailMessage[]>
  [Symbol.asyncDispose](): Promise<void>
}

const FAST_HASHING = { insecureParameters: { memory: 64, passes: 1, parallelism: 1 } }
const ROLES = { admin: ['*'], member: ['notes:read', 'notes:write'] }

export async function startWhole(): Promise<Whole> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-whole-'))
  const [port, idp, transport] = [await freePort(), await lyingProvider(), capturingTransport()]
  const origin = `http://localhost:${port}`
  let late = 0
  const now = () => Date.now() + late
  const illustrated = illustratedNote(join(data, 'pictures'))
  const signIn: SignInInput = {
    ...{ brand: BRAND, afterSignIn: '/dashboard', passkey: true, remember: {}, trustedDevice: {}, breakGlass: true },
    ...{ signUp: 'open', magicLink: true, emailCode: true, emailFactor: true, recovery: { lostFactor: true }, tokens: true },
    providers: { idp: idp.configured({ signOutThere: true }) },
  }
  const holdfast = await createHoldfast({
    ...{ origin, data, database: ':memory:', mode: 'test', keys: new Secret(generateKey()), log: () => {} },
    ...{
      now,
      passwords: { hashing: FAST_HASHING },
      public: openPaths,
      roles: ROLES,
      migrations,
      ...watched,
    },
    routes: rules(illustrated),
    ...{ apiKeys: { accept: ['/api/'] }, accessTokens: {}, impersonation: {}, tenants: {}, approval: { acts: ['users:delete'] } },
    mail: { from: 'Field notes <noreply@app.example>', transport },
    signIn,
  })
  const app = buildApp(holdfast, createData(holdfast), illustrated)
  const own = app.printRoutes({ commonPrefix: false })
  await app.listen({ port, host: '127.0.0.1' })
  return {
    ...{ origin, holdfast, idp, paths: [...new Set([...pagesOf(signIn), ...routesIn(own)])] },
    clock: { now, advance: (milliseconds) => void (late += milliseconds) },
    async mails() {
      for (const { sweep } of [holdfast.accounts.notices, holdfast.accounts.recoveries]) await sweep(now())
      await holdfast.mail?.flush()
      return transport.sent.splice(0)
    },
    async [Symbol.asyncDispose]() {
      await drain(app.server as Parameters<typeof drain>[0], 0)
      await holdfast.stop()
      await idp.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

/** Of the kit: what every door and every desk says of itself. */
function pagesOf(signIn: SignInInput): string[] {
  const doors = readSignInOptions({ ...signIn, mail: true })!.pages.map(({ path }) => path)
  const on = ['keys', 'passkeys', 'apps', 'address', 'mailCodes', 'tenants', 'impersonation', 'approvals'] as const
  const options = readConsoleOptions(Object.fromEntries(on.map((name) => [name, true])))
  return [...doors, ...desks.flatMap((desk) => desk.at(options)?.path ?? [])]
}

/** Of the application: the tree that Fastify prints of its routes. */
function routesIn(tree: string): string[] {
  const above: string[] = []
  return tree.split('\n').flatMap((line) => {
    const [, indent = '', part = '', methods] = /^(.*)── (\S*)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? []
    if (part === '') return []
    const depth = indent.length / 4
    above.splice(Math.floor(depth), above.length, part)
    return methods?.includes('GET') ? [above.join('')] : []
  })
}
