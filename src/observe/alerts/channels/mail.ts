/** Alerts by mail, over the transport of the option `mail`: text and HTML, one letter a recipient, the same Message-ID at every attempt. */
import { createHash } from 'node:crypto'
import { invalid, refuseUnknown } from '../../../engine/options.ts'
import { html, type SafeHtml } from '../../../html/html.ts'
import { checkMessage, isBareAddress } from '../../../mail/message.ts'
import { MailError } from '../../../mail/transport.ts'
import { headline, type Alert } from '../alert.ts'
import { AlertError, defineChannel, type ChannelDefinition } from '../channel.ts'

export interface AlertMailOptions {
  /** Who gets them. */
  readonly to: string | readonly string[]
}

const MOST_RECIPIENTS = 20

/** Alerts by mail: `mail({ to: 'security@app.example' })`. */
export function mail(options: AlertMailOptions): ChannelDefinition {
  return defineChannel({
    kind: 'mail',
    open(name, { mail: post, origin }) {
      refuseUnknown(name, options, ['to'])
      const recipients = typeof options.to === 'string' ? [options.to] : options.to
      if (!Array.isArray(recipients) || recipients.length === 0 || recipients.length > MOST_RECIPIENTS)
        invalid(`${name}.to`, options.to, `Give one to ${MOST_RECIPIENTS} addresses of mail.`)
      for (const to of recipients as readonly string[])
        if (!isBareAddress(to)) invalid(`${name}.to`, to, 'Write a bare address: security@app.example.')
      if (post === undefined)
        invalid(name, 'a channel of mail, and there is no mail', 'Give the option `mail`, or another channel.')
      const { transport, from } = post
      const { hostname } = new URL(origin)
      return {
        async send(alert, signal) {
          for (const to of recipients as readonly string[]) {
            const id = createHash('sha256').update(`${alert.id} ${to}`).digest('base64url').slice(0, 24)
            const domain = /^[A-Za-z0-9.-]+$/.test(hostname) ? hostname : 'localhost'
            const message = checkMessage({
              ...{ id: `<${id}@${domain}>`, from, to, date: alert.time },
              ...{ subject: `${hostname}: ${headline(alert)}`, text: textOf(alert), html: htmlOf(alert).toString() },
            })
            await transport.send(message, signal).catch((cause: unknown) => {
              if (!(cause instanceof MailError)) throw cause
              throw new AlertError(cause.message, { permanent: cause.permanent, cause })
            })
          }
        },
      }
    },
  })
}

/** Mail programs make links of names: `evil.example` is not to be one. */
function unlinked(text: string): string {
  return text.replaceAll(/\.(?=[\p{L}\p{N}-]*\p{L})|:(?=\/\/)/gu, '$&\u200B')
}

function textOf(alert: Alert): string {
  const facts = Object.entries(alert.facts).map(([name, value]) => `${name}: ${unlinked(value)}`)
  const parts = [headline(alert), '', unlinked(alert.text), '', new Date(alert.time).toISOString(), ...facts]
  return `${[...parts, ...(alert.link ? ['', alert.link] : [])].join('\n')}\n`
}

function htmlOf(alert: Alert): SafeHtml {
  const { facts, link, text, time } = alert
  return html`<!doctype html>
    <html lang="en">
      <body>
        <h1>${headline(alert)}</h1>
        <p>${unlinked(text)}</p>
        <p>${new Date(time).toISOString()}</p>
        <ul>
          ${Object.entries(facts).map(([name, value]) => html`<li>${name}: ${unlinked(value)}</li>`)}
        </ul>
        ${link && html`<p><a href="${link}">${link}</a></p>`}
      </body>
    </html>`
}
