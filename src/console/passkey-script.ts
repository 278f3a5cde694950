/**
 * What runs in the browser for passkeys: it asks the server what to sign, asks the authenticator, puts the answer into the form and
 * sends that. Everything else (what is said, where one goes) stays with the server.
 *
 * It is one small file of our own, served with the page's nonce; it makes no markup, no code and no request to another site, so it
 * runs under `script-src 'nonce-…'` and `require-trusted-types-for 'script'`. Sources: WebAuthn Level 3, 5.1 and 5.1.10; WebAuthn
 * "Conditional UI" (`mediation: 'conditional'`).
 *
 * A form takes part by `data-passkey="get"` or `"create"`: `data-options` is where what to sign is asked for, `data-conditional` offers
 * passkeys in the field whose autocomplete says `webauthn`. `data-passkey-accepted` and `data-passkey-unknown` on any element tell the
 * browser which passkeys there are, and which there is not.
 */
import { sha256 } from '../crypto/hash.ts'

/** Unasked, so that it starts again before the server forgets what it asked (milliseconds). */
const RENEW_AFTER = 200_000

export const passkeyScript = `'use strict'
{
  const supported = typeof PublicKeyCredential === 'function' && typeof navigator.credentials?.get === 'function'
  const words = {
    unsupported: 'This browser has no passkeys.',
    waiting: 'Waiting for your device…',
    stopped: 'Nothing was chosen. You may try again.',
    known: 'This device or security key is in your list already.',
    refused: 'The server did not answer as it should. Load the page again.',
    late: 'Too many attempts. Wait a minute and try again.',
  }
  let conditional

  const decode = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  const encode = (bytes) => {
    const binary = Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join('')
    return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  }
  const named = (list) => (list ?? []).map((one) => ({ ...one, id: decode(one.id) }))

  function readOptions({ publicKey }) {
    const options = { ...publicKey, challenge: decode(publicKey.challenge) }
    if (publicKey.user) options.user = { ...publicKey.user, id: decode(publicKey.user.id) }
    if (publicKey.allowCredentials) options.allowCredentials = named(publicKey.allowCredentials)
    if (publicKey.excludeCredentials) options.excludeCredentials = named(publicKey.excludeCredentials)
    return options
  }

  function write({ id, type, response }) {
    const parts = { clientDataJSON: encode(response.clientDataJSON) }
    if (response.attestationObject) {
      parts.attestationObject = encode(response.attestationObject)
      parts.transports = response.getTransports?.() ?? []
    } else {
      parts.authenticatorData = encode(response.authenticatorData)
      parts.signature = encode(response.signature)
      if (response.userHandle) parts.userHandle = encode(response.userHandle)
    }
    return JSON.stringify({ id, rawId: id, type, clientExtensionResults: {}, response: parts })
  }

  async function ask(form, submitter) {
    const fields = submitter?.name ? { [submitter.name]: submitter.value } : {}
    const token = form.elements._csrf?.value
    const answer = await fetch(form.dataset.options, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...(token && { 'x-csrf-token': token }) },
      body: JSON.stringify(fields),
    })
    if (answer.ok) return readOptions(await answer.json())
    throw Object.assign(new Error(String(answer.status)), { status: answer.status })
  }

  const say = (form, text) => void (form.querySelector('[role=status]').textContent = text)

  function send(form, credential) {
    form.elements.response.value = write(credential)
    form.submit()
  }

  async function run(form, submitter) {
    conditional?.abort()
    say(form, words.waiting)
    try {
      const publicKey = await ask(form, submitter)
      const { credentials } = navigator
      send(form, await (form.dataset.passkey === 'create' ? credentials.create({ publicKey }) : credentials.get({ publicKey })))
    } catch (error) {
      const status = error.status === 429 ? words.late : error.status ? words.refused : words.stopped
      say(form, error.name === 'InvalidStateError' ? words.known : status)
      if (form.dataset.conditional !== undefined) void offer(form)
    }
  }

  async function offer(form) {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return
    const own = (conditional = new AbortController())
    const renew = setTimeout(() => {
      own.abort()
      void offer(form)
    }, ${RENEW_AFTER})
    try {
      const publicKey = await ask(form)
      send(form, await navigator.credentials.get({ publicKey, mediation: 'conditional', signal: own.signal }))
    } catch {
      // Nobody asked for it, so nobody is told.
    } finally {
      clearTimeout(renew)
    }
  }

  for (const form of document.querySelectorAll('form[data-passkey]')) {
    for (const part of form.querySelectorAll('[hidden]')) part.hidden = !supported
    if (!supported) {
      say(form, words.unsupported)
      continue
    }
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      void run(form, event.submitter)
    })
    if (form.dataset.conditional !== undefined) void offer(form)
  }

  const told = (name) => document.querySelector('[data-passkey-' + name + ']')?.getAttribute('data-passkey-' + name)
  const [accepted, unknown] = [told('accepted'), told('unknown')]
  if (supported && accepted) void PublicKeyCredential.signalAllAcceptedCredentials?.(JSON.parse(accepted)).catch(() => {})
  if (supported && unknown) void PublicKeyCredential.signalUnknownCredential?.(JSON.parse(unknown)).catch(() => {})
}
`

/** Changes with the script, so that browsers may keep it for good. */
export const passkeyScriptVersion: string = sha256(passkeyScript).slice(0, 12)
