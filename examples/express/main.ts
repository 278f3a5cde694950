/** Holdfast on Express 5: everything asks for a sign-in but the home page. */
import expressApp from 'express'
import { createHoldfast } from 'holdfast'
import { express, requires } from 'holdfast/express'
import { html } from 'holdfast/html'
import { createServer, drain } from 'holdfast/server'

const port = Number(process.env['PORT'] ?? 3000)
const holdfast = await createHoldfast({
  origin: `http://localhost:${port}`,
  data: process.env['HOLDFAST_DATA'] ?? '.holdfast',
  public: ['/'],
})

const app = expressApp()
app.get('/', (_request, response) => {
  response.send('Hello. <a href="/account">Your account</a>')
})
app.get('/account', (request, response) => {
  const { principal, formField } = holdfast.of(request)
  response.send(
    html`<p>Hello, ${principal!.name}.</p>
      <form method="post" action="/shout">
        ${formField}<input name="text" aria-label="Text" /><button>Shout</button>
      </form>`.toString(),
  )
})
app.post('/shout', (request, response) => {
  response.json({ shouted: String(request.body?.text ?? '').toUpperCase() })
})
app.get('/admin', requires({ role: 'admin' }), (_request, response) => {
  response.send('For administrators.')
})

const server = createServer(holdfast, express(holdfast, app))
server.listen(port, 'localhost', async () => {
  const code = await holdfast.accounts.setUp.code()
  console.error(`${holdfast.site.origin}${code === undefined ? '' : `/setup  one-time code: ${code}`}`)
})
const stop = () => void drain(server).then(() => holdfast.stop())
process.once('SIGTERM', stop).once('SIGINT', stop)
