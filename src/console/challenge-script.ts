/**
 * What runs in the browser while sign-ins fail everywhere: it does the work that the form asks for, while the form is filled in, and lets
 * the form go when it is done. One small file of our own, with the page's nonce; it makes no markup, no code and no request, so it runs under
 * `script-src 'nonce-…'` and `require-trusted-types-for 'script'`. Source: Web Cryptography API, `SubtleCrypto.digest`.
 */
import { sha256 } from '../crypto/hash.ts'

export const challengeScript = `'use strict'
{
  const AT_ONCE = 256
  const words = { working: 'Your browser is working…', done: 'Your browser has done it.' }
  const encoder = new TextEncoder()

  function zeros(bytes) {
    const first = bytes.findIndex((byte) => byte !== 0)
    return first < 0 ? bytes.length * 8 : first * 8 + Math.clz32(bytes[first]) - 24
  }

  async function solve(challenge, bits) {
    for (let start = 0; ; start += AT_ONCE) {
      const texts = Array.from({ length: AT_ONCE }, (_, index) => (start + index).toString(36))
      const hashes = await Promise.all(texts.map((text) => crypto.subtle.digest('SHA-256', encoder.encode(challenge + '.' + text))))
      const found = hashes.findIndex((hash) => zeros(new Uint8Array(hash)) >= bits)
      if (found >= 0) return texts[found]
    }
  }

  for (const holder of document.querySelectorAll('[data-bits]')) {
    const form = holder.closest('form')
    const { challenge, solution } = form.elements
    const status = holder.querySelector('[role=status]')
    let sent
    status.textContent = words.working
    form.addEventListener('submit', (event) => {
      if (solution.value !== '') return
      event.preventDefault()
      sent = event.submitter ?? undefined
    })
    void solve(challenge.value, Number(holder.dataset.bits)).then((found) => {
      solution.value = found
      status.textContent = words.done
      if (sent) form.requestSubmit(sent)
    })
  }
}
`

/** Changes with the script, so that browsers may keep it for good. */
export const challengeScriptVersion: string = sha256(challengeScript).slice(0, 12)
