/**
 * ArcSight's Common Event Format within a line of syslog, which most collectors take. Whatever separates fields is escaped: a name or a
 * path that a client chose stays in its field.
 * Sources: Implementing ArcSight CEF, version 25 (header, extension dictionary, escaping); RFC 5424 (syslog), facility 13 is "log audit".
 */
import { isIPv4, isIPv6 } from 'node:net'
import type { Level } from '../../../engine/events.ts'
import type { AuditEvent } from '../types.ts'
import { actorOf, outcomeOf, userOf, type Format } from './format.ts'

/** 0 to 10. */
const SEVERITY: Readonly<Record<Level, number>> = { info: 2, warn: 5, critical: 9 }
/** Facility 13 × 8 + informational, warning, critical. */
const PRIORITY: Readonly<Record<Level, number>> = { info: 110, warn: 108, critical: 106 }

export const cef: Format = {
  name: 'cef',
  what: 'ArcSight CEF in syslog (RFC 5424)',
  line(event, { host }) {
    const head = [
      'CEF:0',
      'Holdfast',
      'Holdfast',
      '1',
      event.type,
      event.type.replaceAll('_', ' '),
      String(SEVERITY[event.level]),
    ]
    const message = `${head.map(header).join('|')}|${extension(event)}`
    return `<${PRIORITY[event.level]}>1 ${new Date(event.time).toISOString()} ${token(host)} holdfast - ${token(event.type)} - ${message}`
  },
}

function extension(event: AuditEvent): string {
  const { client, control, data, id, method, path, requestId, time } = event
  const address = client ?? ''
  const fields: readonly (readonly [string, string | undefined])[] = [
    ['rt', String(time)],
    ['externalId', id],
    ['cat', event.class],
    ['outcome', outcomeOf(event)],
    ['src', isIPv4(address) ? address : undefined],
    ...(isIPv6(address)
      ? ([
          ['c6a2', address],
          ['c6a2Label', 'Source IPv6 Address'],
        ] as const)
      : []),
    ['suid', actorOf(event)],
    ['duid', userOf(event)],
    ['requestMethod', method],
    ['request', path],
    ['cs1', control],
    ['cs1Label', 'control'],
    ...(requestId === undefined
      ? []
      : ([
          ['cs2', requestId],
          ['cs2Label', 'requestId'],
        ] as const)),
    ['msg', data && JSON.stringify(data)],
  ]
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${escape(value)}`])).join(' ')
}

const flat = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]/g, ' ')

/** In the header the bar separates; in the extension the equals sign does. */
const header = (text: string): string => flat(text).replaceAll('\\', '\\\\').replaceAll('|', '\\|')
const escape = (text: string): string => flat(text).replaceAll('\\', '\\\\').replaceAll('=', '\\=')
/** A field of the head of syslog: visible ASCII without spaces. */
const token = (text: string): string => text.replace(/[^\u0021-\u007e]/g, '_').slice(0, 255) || '-'
