/** Starts the admin panel: settings from the environment, a certificate, the server, and a clean stop. */
import { createHoldfast, describeSettings, HoldfastError, oidc, readSettings, type Holdfast, type Settings } from 'holdfast'
import { openDatabase } from 'holdfast/store'
import { certificateFiles, localCertificate } from 'holdfast/tls'
import { buildApp, openPaths } from './app.ts'
import { createNotes } from './notes.ts'
import { BRAND } from './pages/page.ts'
import { onStop } from './stop.ts'
import { watched } from './watch.ts'

/** Members may what their own notes need; an API key may be given a part of that. */
const ROLES = { admin: ['*'], member: ['notes:read', 'notes:write'] }

const HELP = `The Holdfast admin panel, an example application.

  npm start              starts it
  npm start -- --help    shows this

Settings, by environment variable:
${describeSettings()}
`

async function start(settings: Settings): Promise<void> {
  const tls = await certificate(settings)
  const database = await openDatabase(settings.databaseUrl?.reveal() ?? `${settings.data}/holdfast.sqlite`)
  const holdfast = await createHoldfast({
    origin: settings.origin,
    public: openPaths,
    roles: ROLES,
    apiKeys: { accept: ['/api/'] },
    impersonation: {},
    ...watched,
    data: settings.data,
    database,
    log: settings.log,
    signIn: {
      ...{ brand: BRAND, afterSignIn: '/dashboard', passkey: true, remember: {}, trustedDevice: {} },
      // Where letters can be sent, people may sign in by a link in one, and are invited by one.
      ...(settings.mail && { signUp: 'invitation', magicLink: true, recovery: { lostFactor: true } }),
      ...(settings.oidc && { providers: { company: oidc({ ...settings.oidc, label: 'your company' }) } }),
    },
    ...(settings.keys && { keys: settings.keys }),
    ...(settings.mail && { mail: settings.mail }),
    ...(settings.pepper && { passwords: { pepper: settings.pepper } }),
    ...(settings.redisUrl && { redis: settings.redisUrl }),
    ...(settings.trustedProxies.length > 0 && { client: { trustedProxies: settings.trustedProxies } }),
  })
  const app = buildApp(holdfast, await createNotes(database), tls)
  onStop((why) => {
    process.stderr.write(`\n${why}: finishing what runs, then closing.\n`)
    app
      .close()
      .then(() => holdfast.stop())
      .then(() => database.close())
      .then(
        () => process.exit(0),
        (error: unknown) => complain(error, 3),
      )
  })
  // Behind a proxy or in a container the other side is not this machine; with its own certificate it is.
  await app.listen({ port: settings.port, host: settings.tls.kind === 'local' ? 'localhost' : '::' })
  await greet(holdfast, settings)
}

async function certificate({ tls, data }: Settings): Promise<{ key: string; cert: string } | undefined> {
  if (tls.kind === 'off') return undefined
  if (tls.kind === 'local') return localCertificate(`${data}/tls`)
  return certificateFiles(tls.cert, tls.key).catch((cause: Error) => {
    throw new HoldfastError('HF_OPTION_INVALID', `HOLDFAST_TLS: ${cause.message}`, { cause })
  })
}

/** Goes to standard error, so that standard output is nothing but the log. */
async function greet(holdfast: Holdfast, { mail }: Settings): Promise<void> {
  const code = await holdfast.accounts.setUp.code()
  const lines = ['', `  ${BRAND} is at ${holdfast.site.origin}`]
  if (code !== undefined)
    lines.push(
      '',
      `  There is no administrator yet. Open ${holdfast.site.origin}/setup`,
      `  and give this one-time code:  ${code}`,
    )
  if (typeof mail?.transport === 'object' && 'file' in mail.transport)
    lines.push('', `  Letters are written into ${mail.transport.file}: open the links in them from there.`)
  process.stderr.write(`${lines.join('\n')}\n\n`)
}

/** Whether a setting is wrong, or something that it names is not there. */
function cannotBeMeant(error: unknown): boolean {
  return error instanceof HoldfastError || (error as { code?: unknown } | null)?.code === 'store-misconfigured'
}

function complain(error: unknown, status: number): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(status)
}

const [argument] = process.argv.slice(2)
if (argument === '--help' || argument === '-h') process.stdout.write(HELP)
else if (argument !== undefined)
  complain(new Error(`"${argument}" is not an option. Settings come from the environment: npm start -- --help`), 2)
else {
  try {
    await start(readSettings(process.env))
  } catch (error) {
    complain(error, cannotBeMeant(error) ? 2 : 3)
  }
}
