import { defineAttack } from '../support/attack.ts'

export default defineAttack({
  id: 'A65',
  title: 'headers that some framework uses inside itself make the guard look elsewhere',
  control: 'authenticate',
  adapters: 'all',
  async succeeds(app) {
    const headers = {
      'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware',
      'x-original-url': '/',
      'x-rewrite-url': '/',
      'x-forwarded-uri': '/',
      'x-forwarded-prefix': '/public-json',
      'x-http-method-override': 'OPTIONS',
    }
    await app.fetch('/me', { headers })
    return (app.state.hits['GET /me'] ?? 0) > 0
  },
})
