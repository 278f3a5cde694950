/** Tells that a copy of somebody's stay-signed-in cookie was used. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `address` and `device`: from where the copy came, as it says itself. */
export const rememberReused = defineLetter<{ address: string; device: string }>({
  subject: ({ brand }) => `You were signed out of ${brand} in one browser`,
  text: ({ address, device }, { brand, origin }) =>
    `A browser that keeps you signed in to ${brand} sent a key that had been used before. It may have been copied, so that browser was signed out.\n\nIt came from ${address} (${device}).\n\nSign in again at ${origin}, look at your sessions there, and change your password if you do not know this device.\n`,
  html: (
    { address, device },
    { brand, origin },
  ) => html`<p>A browser that keeps you signed in to ${brand} sent a key that had been used before. It may have been copied, so that browser was signed out.</p>
    <p>It came from ${address} (${device}).</p>
    <p>Sign in again at ${origin}, look at your sessions there, and change your password if you do not know this device.</p>`,
})
