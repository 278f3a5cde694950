/**
 * The first administrator, once: whoever can read the server's output has the code. Afterwards there is no such page.
 * Source: OWASP ASVS 5.0, 6.3.2 (no default accounts); CWE-1188.
 */
import type { SetUp } from '../../../accounts/types.ts'
import { sentForm, type Sent } from '../../../console/form.ts'
import { setUpPage, type SetUpField, type SetUpModel } from '../../../console/pages/index.ts'
import { Secret } from '../../../crypto/secret.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, type Reply } from '../../../engine/reply.ts'
import { admit, afterwards, inWords, LONGEST, model, originOf, type Desk } from '../desk.ts'
import { SIGNED_IN } from '../answers.ts'
import { accountProblem } from '../problems.ts'
import { objectOf } from '../../../http/openapi.ts'
import { defineDoor, type Page } from './door.ts'

type Failure = Extract<Awaited<ReturnType<SetUp['complete']>>, { ok: false }>
type Errors = NonNullable<SetUpModel['errors']>

const CLOSED = deny(404, 'not-found')

/** What is wrong, at which field, and what to do. */
const PROBLEMS = {
  code: ['code', 'This is not the code that the server printed last, or it is older than an hour.'],
  'address-invalid': ['address', 'Write one address, such as mira@app.example, or leave it empty.'],
} as const satisfies Readonly<Partial<Record<Failure['reason'], readonly [SetUpField, string]>>>

export const setUp = defineDoor({
  name: 'setUp',
  read: () => ({}),
  paths: (_, { setUpPath }) => [{ path: setUpPath, open: true }],
  operations: (_, { setUpPath }) => [
    {
      method: 'post',
      path: setUpPath,
      id: 'setUp',
      what: 'Makes the first administrator, once.',
      as: 'anybody',
      body: objectOf(
        {
          ...{ code: { type: 'string' }, login: { type: 'string' }, displayName: { type: 'string' } },
          ...{ address: { type: 'string' }, password: { type: 'string' } },
        },
        ['displayName', 'address'],
      ),
      answers: { 200: SIGNED_IN, 404: { what: 'There is a user already.' }, 422: { what: 'Something of it is refused.' } },
    },
  ],
  start: (desk) => ({ pages: { [desk.options.setUpPath]: firstAdministrator(desk) } }),
})

function firstAdministrator(desk: Desk): Page {
  const { accounts, setUpIsOpen: isOpen } = desk

  async function show(x: Exchange): Promise<Reply> {
    return (await isOpen()) ? page(setUpPage(model(desk, x))) : CLOSED
  }

  async function act(x: Exchange): Promise<Reply> {
    if (!(await isOpen())) return CLOSED
    const sent = sentForm(x)
    const mistakes = mistakesIn(sent)
    if (mistakes) return again(x, sent, 422, mistakes)
    const [code, login, name] = [sent.text('code'), sent.text('login'), sent.text('displayName') || sent.text('login')]
    const [password, address] = [new Secret(sent.text('password')), sent.text('address').trim() || undefined]
    const made = await accounts.setUp.complete({ code, login, name, password, address }, originOf(x))
    return made.ok ? admit(x, sent, made, afterwards(desk, made.principal, '')) : failed(x, sent, made)
  }

  function failed(x: Exchange, sent: Sent, { reason, retryAfter = 1 }: Failure): Reply {
    const head = { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }
    if (reason === 'closed') return CLOSED
    if (reason === 'throttled') return again(x, sent, 429, { form: `Too many attempts. Try again ${inWords(retryAfter)}.` }, head)
    if (reason === 'busy') return again(x, sent, 503, { form: 'The server is busy. Try again in a few seconds.' }, head)
    const [field, words] = reason === 'code' || reason === 'address-invalid' ? PROBLEMS[reason] : accountProblem(reason)
    return again(x, sent, 422, { [field]: words })
  }

  /** The form once more. The code and the passwords are never sent back. */
  function again(x: Exchange, sent: Sent, status: number, errors: Errors, head: Record<string, string> = {}): Reply {
    if (sent.json) return deny(status, 'set-up-refused', { reason: Object.keys(errors).join(), head })
    const login = sent.text('login').slice(0, LONGEST.login)
    const displayName = sent.text('displayName').slice(0, LONGEST.name)
    const address = sent.text('address').slice(0, LONGEST.login)
    const reply = page(setUpPage({ ...model(desk, x), login, displayName, address, errors }), status)
    return { ...reply, head: { ...reply.head, ...head } }
  }

  return { show, act }
}

/** What can be seen without asking anybody. */
function mistakesIn(sent: Sent): Errors | undefined {
  const [code, login, name] = [sent.text('code'), sent.text('login'), sent.text('displayName')]
  const [password, passwordAgain] = [sent.text('password'), sent.text('passwordAgain')]
  const errors: Partial<Record<SetUpField, string>> = {
    ...((code === '' || code.length > LONGEST.code) && { code: 'Write the code that the server printed.' }),
    ...((login === '' || login.length > LONGEST.login) && { login: 'Choose a name of at most 254 characters.' }),
    ...(name.length > LONGEST.name && { displayName: 'Write at most 128 characters.' }),
    ...((password === '' || password.length > LONGEST.password) && { password: 'Choose a password.' }),
    // A program that sends JSON does not mistype.
    ...(!sent.json && password !== passwordAgain && { passwordAgain: 'The two passwords are not the same.' }),
  }
  return Object.keys(errors).length > 0 ? errors : undefined
}
