import { defineAttack, type Attack } from '../support/attack.ts'
import { reachesRouter } from '../support/disguise.ts'

/** Spellings that some router takes for /admin (or /admin/users), and a guard that compares text does not. */
const DISGUISES: readonly (readonly [Attack['id'], string, readonly string[]])[] = [
  ['A55', 'letters as escapes', ['/%61dmin', '/adm%69n', '/%41dmin']],
  ['A56', 'an escaped slash', ['/admin%2fusers', '/admin%2Fusers']],
  ['A57', 'slashes doubled', ['//admin', '/admin//users', '/admin//']],
  ['A58', 'dot segments', ['/x/../admin', '/x/%2e%2e/admin', '/./admin', '/x/.%2E/admin', '/admin/.']],
  ['A59', 'a path parameter', ['/admin;x', '/admin;jsessionid=1/users']],
  ['A62a', 'an escaped NUL', ['/admin%00', '/admin%0a']],
  ['A62b', 'overlong UTF-8', ['/%c0%afadmin', '/admin%c0%80', '/%e0%80%afadmin']],
  ['A63', 'a backslash', ['/admin%5cusers', '/admin\\users', '/x/..%5cadmin']],
  ['A64', 'escapes of escapes', ['/%2561dmin', '/%252561dmin', '/admin%252fusers']],
]

export default DISGUISES.map(([id, what, paths]) =>
  defineAttack({
    id,
    title: `the path of a guarded page is written with ${what}`,
    control: 'target',
    adapters: 'all',
    async succeeds(app) {
      for (const path of paths) if (await reachesRouter(app, path)) return true
      return false
    },
  }),
)
