/** The admin panel's routes: what a reader would write, and nothing that the kit does already. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Holdfast } from 'holdfast'
import { fastify, type Certificate } from 'holdfast/fastify'
import type { Notes } from './notes.ts'
import { homePage } from './pages/home.ts'
import { adminRoutes } from './routes/admin.ts'
import { apiRoutes } from './routes/api.ts'
import { notesRoutes } from './routes/notes.ts'
import { createDesk } from './routes/desk.ts'

const FILES = {
  '/static/app.css': ['static/app.css', 'text/css; charset=utf-8'],
  '/static/mark.svg': ['static/mark.svg', 'image/svg+xml'],
  // Browsers ask for it by themselves, also on pages of the kit.
  '/favicon.ico': ['static/mark.svg', 'image/svg+xml'],
} as const

/** Everything that is open to everybody. Whatever is not named here asks for a sign-in. */
export const openPaths: readonly string[] = ['/', '/boom', ...Object.keys(FILES)]

export function buildApp(holdfast: Holdfast, notes: Notes, tls?: Certificate): FastifyInstance {
  // What began before the application was told to stop is answered, not refused.
  const app = fastify(holdfast, { ...(tls && { tls }) })
  const desk = createDesk(holdfast)

  app.get('/', (request, reply) => desk.show(reply, homePage(desk.frame(request), desk.query(request, 'name'))))
  app.get('/boom', () => {
    throw new Error('The example broke on purpose.')
  })
  for (const [path, [file, type]] of Object.entries(FILES)) {
    const bytes = readFileSync(join(import.meta.dirname, file))
    app.get(path, (_request, reply) => reply.type(type).header('cache-control', 'public, max-age=3600').send(bytes))
  }
  notesRoutes(app, desk, notes)
  apiRoutes(app, desk, notes)
  adminRoutes(app, desk, notes)
  return app
}
