/** The admin panel's routes: what a reader would write, and nothing that the kit does already. */
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Holdfast, HoldfastOptions } from 'holdfast'
import { fastify, type Certificate } from 'holdfast/fastify'
import { staticFiles } from 'holdfast/files'
import { html } from 'holdfast/html'
import { greeting, type Illustrated } from './forms.ts'
import type { CertificateSource } from 'holdfast/tls'
import type { Data } from './data.ts'
import { homePage } from './pages/home.ts'
import { adminRoutes } from './routes/admin.ts'
import { apiRoutes } from './routes/api.ts'
import { CONTACT, contactRoutes, SENDS } from './routes/contact.ts'
import { notesRoutes } from './routes/notes.ts'
import { createDesk } from './routes/desk.ts'
import { illustratedRoutes } from './routes/illustrated.ts'

const FILES = ['/static/app.css', '/static/mark.svg'] as const
// Browsers ask for it by themselves, also on pages of the kit.
const ICON = '/favicon.ico'
const GREET = html`<div class="row stretch"><button class="btn">Greet me</button></div>`

/** Everything that is open to everybody. Whatever is not named here asks for a sign-in. */
export const openPaths: readonly string[] = ['/', '/boom', CONTACT, ...FILES, ICON]

/** What single routes ask for, beside who may come. */
export const rules = ({ maxBody }: Illustrated): NonNullable<HoldfastOptions['routes']> => [
  { path: 'POST /dashboard/illustrated', bodyLimit: maxBody },
  { path: SENDS, public: true, challenge: true },
]

/** A pair that stays, or certificates that change. */
export type ServedTls = Certificate | { readonly certificates: CertificateSource }

export function buildApp(holdfast: Holdfast, data: Data, illustrated: Illustrated, tls?: ServedTls): FastifyInstance {
  // What began before the application was told to stop is answered, not refused.
  const app = fastify(holdfast, { ...(tls && { tls: { ...tls, http2: true } }) })
  const desk = createDesk(holdfast)

  app.get('/', async (request, reply) => {
    const sent = await greeting.query(request, { others: true })
    const form = greeting.view(request, { method: 'get', action: '/', submit: GREET, sent })
    return desk.show(reply, homePage(desk.frame(request), sent.ok ? sent.value.name : '', form), sent.ok ? 200 : sent.status)
  })
  app.get('/boom', () => {
    throw new Error('The example broke on purpose.')
  })
  const assets = staticFiles(join(import.meta.dirname, 'static'), { prefix: '/static/' })
  for (const path of FILES) app.get(path, async (_request, reply) => (await assets(reply)) ?? reply.callNotFound())
  app.get(ICON, async (_request, reply) => (await assets(reply, 'mark.svg')) ?? reply.callNotFound())
  contactRoutes(app, desk, data.messages)
  notesRoutes(app, desk, data.notes)
  illustratedRoutes(app, desk, data.notes, illustrated)
  apiRoutes(app, desk, data.notes)
  adminRoutes(app, desk, data)
  return app
}
