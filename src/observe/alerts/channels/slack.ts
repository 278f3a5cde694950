/**
 * An incoming webhook in the form of Slack, which Mattermost and others take, too. What strangers wrote can mention nobody and make no
 * link: `&`, `<` and `>` are escaped as its documentation asks, and facts stand in plain text.
 * Source: https://api.slack.com/messaging/webhooks, "Escaping text", and the errors of 2016-05-17.
 */
import type { Secret } from '../../../crypto/secret.ts'
import { refuseUnknown } from '../../../engine/options.ts'
import { headline, type Alert } from '../alert.ts'
import { defineChannel, type ChannelDefinition, type ChannelReach } from '../channel.ts'
import { postJson } from './post-json.ts'
import { readUrl, reachable } from './read-url.ts'

export interface SlackOptions extends ChannelReach {
  /** The address that Slack gave; it is a secret. */
  readonly url: string | Secret
}

/** 400 to 410 say that this message, or this webhook, will not do; 429 and 5xx pass. */
const FINAL = new Set([400, 403, 404, 410])
const LONGEST_HEADER = 150
const MOST_FIELDS = 10

/** Alerts into a channel of Slack: `slack({ url })`. */
export function slack(options: SlackOptions): ChannelDefinition {
  return defineChannel({
    kind: 'slack',
    open(name, { outbound }) {
      refuseUnknown(name, options, ['url', 'networks', 'insecureAllowHosts', 'ca'])
      const url = readUrl(`${name}.url`, options.url, options)
      const guarded = outbound(reachable(options))
      return {
        send: (alert, signal) =>
          postJson(guarded, { url, body: JSON.stringify(message(alert)), signal, final: (status) => FINAL.has(status) }),
      }
    },
  })
}

function message(alert: Alert): object {
  const { text, facts, link } = alert
  const title = headline(alert)
  const plain = (words: string) => ({ type: 'plain_text', text: words, emoji: false })
  const fields = Object.entries(facts).slice(0, MOST_FIELDS)
  return {
    text: escaped(title),
    blocks: [
      { type: 'header', text: plain(title.slice(0, LONGEST_HEADER)) },
      { type: 'section', text: plain(text) },
      ...(fields.length > 0 ? [{ type: 'section', fields: fields.map(([name, value]) => plain(`${name}: ${value}`)) }] : []),
      // The link is ours: it begins with the origin.
      ...(link ? [{ type: 'section', text: { type: 'mrkdwn', text: `<${escaped(link)}|Open>` } }] : []),
    ],
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
