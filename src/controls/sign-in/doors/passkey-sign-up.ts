/**
 * Sign-up with a passkey: the page of the letter's link without a password. What is asked is bound to that link, and what comes back
 * goes where the other form goes, so nothing of the sign-up is done a second way.
 * Source: WebAuthn Level 3, 7.1; OWASP ASVS 5.0 6.4.1; L22 (the link is good once, and for this alone).
 */
import { json, sentForm } from '../../../console/form.ts'
import { newAccountPasskeyPage } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { page, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import { CEREMONY } from '../answers.ts'
import { model, queryText, type Desk } from '../desk.ts'
import { linkIsOver, LONGEST_TOKEN } from '../newcomer.ts'
import type { BaseOptions } from '../options.ts'
import { defineDoor } from './door.ts'
import { passkeyPaths, scriptOf } from './passkey.ts'

function pathsOf({ signUp: { path } }: Pick<BaseOptions, 'signUp'>) {
  const finish = `${path}/finish`
  return { finish, form: `${finish}/passkey`, options: `${finish}/passkey/options` }
}

/** The page for who has this link; nowhere while passkeys are off. */
export function passkeySignUpPath({ options }: Pick<Desk, 'options'>, token: string): string | undefined {
  return options.passkey === undefined ? undefined : `${pathsOf(options).form}?token=${encodeURIComponent(token)}`
}

export const passkeySignUp = defineDoor({
  name: 'passkeySignUp',
  read: (_, { passkey, signUp }) => (signUp.mode === 'open' ? passkey : undefined),
  paths(_, base) {
    const { form, options } = pathsOf(base)
    return [form, options].map((path) => ({ path, open: true }))
  },
  operations: (_, base) => [
    {
      method: 'post',
      path: pathsOf(base).options,
      id: 'askToSignUpWithPasskey',
      what: 'What navigator.credentials.create is asked, for the account that a link stands for: once, and within five minutes.',
      as: 'anybody',
      body: objectOf({ token: { type: 'string' } }),
      answers: { 200: { what: 'The options.', schema: CEREMONY }, 410: { what: 'The link is over.' } },
    },
  ],
  start(desk) {
    const { form, options } = pathsOf(desk.options)
    return { pages: { [form]: { show: (x) => show(desk, x) }, [options]: { act: (x) => ask(desk, x) } } }
  },
})

/** Only shows: programs that look at mail follow links, and must not use them up. */
async function show(desk: Desk, x: Exchange): Promise<Reply> {
  const token = queryText(x, 'token').slice(0, LONGEST_TOKEN)
  const found = await desk.accounts.doors.signUp.read(token)
  if (found === undefined) return linkIsOver(desk, x, sentForm(x))
  const { finish, options } = pathsOf(desk.options)
  return page(
    newAccountPasskeyPage({
      ...model(desk, x),
      ...{ ...found, token, options, action: finish },
      words: 'Your address is confirmed. Your telephone, computer or key takes the place of a password.',
      asksLogin: desk.options.signUp.login === 'name',
      script: scriptOf(passkeyPaths(desk.options).script),
      instead: `${finish}?token=${encodeURIComponent(token)}`,
    }),
  )
}

async function ask(desk: Desk, x: Exchange): Promise<Reply> {
  const sent = sentForm(x)
  const ceremony = await desk.accounts.doors.signUp.begin(sent.text('token').slice(0, LONGEST_TOKEN))
  return ceremony ? json(ceremony) : linkIsOver(desk, x, sent)
}
