/** Starts the admin panel: settings from the environment, a certificate, the server, and a clean stop. */
import { createHoldfast, describeSettings, HoldfastError, oidc, readSettings, type Holdfast, type Settings } from 'holdfast'
import { file, mail, webhook, type AlertsOptions } from 'holdfast/alerts'
import { drain, redirectServer } from 'holdfast/server'
import { buildApp, openPaths, rules } from './app.ts'
import { certified, openTls } from './certificates.ts'
import { createData, migrations } from './data.ts'
import { illustratedNote } from './forms.ts'
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
  const illustrated = illustratedNote(`${settings.data}/pictures`)
  const holdfast = await createHoldfast({
    origin: settings.origin,
    public: openPaths,
    routes: rules(illustrated),
    roles: ROLES,
    apiKeys: { accept: ['/api/'] },
    impersonation: {},
    // Nobody deletes somebody else alone: `holdfast users delete LOGIN --yes`, and a second person at /account/approvals.
    approval: { acts: ['users:delete'] },
    // Closed together by `holdfast incident respond ID disable-route route:feature:notes`.
    containment: { features: { notes: ['/dashboard/*', '/api/notes'] } },
    ...watched,
    data: settings.data,
    migrations,
    log: settings.log,
    alerts: alertsOf(settings),
    ...(settings.metricsToken && { observe: { metrics: { token: settings.metricsToken } } }),
    signIn: {
      ...{ brand: BRAND, afterSignIn: '/dashboard', passkey: true, remember: {}, trustedDevice: {}, breakGlass: {} },
      // Where letters can be sent, people may sign in by a link in one, and are invited by one.
      ...(settings.mail && { signUp: 'invitation', magicLink: true, recovery: { lostFactor: true } }),
      ...(settings.oidc && { providers: { company: oidc({ ...settings.oidc, label: 'your company' }) } }),
    },
    ...(settings.databaseUrl && { database: settings.databaseUrl }),
    ...(settings.keys && { keys: settings.keys }),
    ...(settings.mail && { mail: settings.mail }),
    ...(settings.pepper && { passwords: { pepper: settings.pepper } }),
    ...(settings.redisUrl && { redis: settings.redisUrl }),
    ...(settings.trustedProxies.length > 0 && { client: { trustedProxies: settings.trustedProxies } }),
  })
  const tls = await openTls(settings, holdfast)
  const app = buildApp(holdfast, createData(holdfast), illustrated, tls)
  const plain = settings.httpPort === undefined ? undefined : redirectServer({ origin: settings.origin, ...tls })
  tellIncidents(holdfast)
  onStop((why) => {
    process.stderr.write(`\n${why}: finishing what runs, then closing.\n`)
    holdfast.readiness.drain()
    app
      .close()
      .then(async () => {
        if (plain) await drain(plain, 0)
        if (tls && 'certificates' in tls) await tls.certificates.stop()
      })
      .then(() => holdfast.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => complain(error, 3),
      )
  })
  // Behind a proxy or in a container the other side is not this machine; with its own certificate it is.
  await app.listen({ port: settings.port, host: settings.tls.kind === 'local' ? 'localhost' : '::' })
  plain?.listen(settings.httpPort)
  await certified(tls)
  await greet(holdfast, settings)
}

/** A line in a file in any case; a letter and a webhook where they are set. */
function alertsOf({ data, alerts }: Settings): AlertsOptions {
  return {
    channels: {
      file: file({ path: `${data}/alerts.jsonl` }),
      ...(alerts.mail.length > 0 && { mail: mail({ to: alerts.mail }) }),
      ...(alerts.webhook && { webhook: webhook(alerts.webhook) }),
    },
  }
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

/** Whoever watches the terminal learns at once what the list of incidents says. */
function tellIncidents({ incidents }: Holdfast): void {
  incidents.on((change) => {
    const { id, severity, title } = change.incident
    if (change.kind === 'opened') process.stderr.write(`\n  Incident ${id}, ${severity}: ${title}\n`)
  })
}

/** Whether a setting is wrong, or something that it names is not there. */
function cannotBeMeant(error: unknown): boolean {
  return error instanceof HoldfastError || (error as { code?: unknown } | null)?.code === 'store-misconfigured'
}

function complain(error: unknown, status: number): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(status)
}

// A reader that has seen enough (`| head`) went away: that is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

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
