/**
 * Serves the configured hosts and no other.
 * Stops poisoned links and caches, DNS rebinding and routing tricks through the Host field (A45, A46, A48, A54); `good@evil`,
 * `evil/good`, trailing dots and port junk are refused, not read.
 * Sources: RFC 9110 §7.2 and §15.5.20 (421), RFC 9112 §3.2; OWASP WSTG "Testing for Host Header Injection", CWE-644.
 */
import { defineControl } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { invalid, withDefaults } from '../../engine/options.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { parseHost } from '../../http/host.ts'

export interface HostsOptions {
  /** Further hosts, exact, with their port where it is not the origin's: `['www.app.example', 'health.internal:8080']`. @default [] */
  readonly also?: readonly string[]
}

const DEFAULTS: Required<HostsOptions> = { also: [] }

export const hosts = defineControl({
  name: 'hosts',

  options(input: HostsOptions | undefined) {
    const { also } = withDefaults('hosts', DEFAULTS, input)
    if (!Array.isArray(also)) invalid('hosts.also', also, `Give a list such as ['www.app.example'].`)
    return { also: also.map(readHost) }
  },

  start({ options: { also }, site, emit }) {
    const usual = site.secure ? 443 : 80
    const port = site.port ?? usual
    // The spelling of each host that user agents send comes first: most requests need one look and no parsing.
    const allowed = new Set(also.map((host) => spell(host.hostname, host.port ?? port, usual)))
    allowed.add(spell(site.hostname, port, usual))

    function refuse(x: Exchange, status: number, reason: string): Reply {
      emit({ type: 'malicious_host', data: { reason, host: x.header('host')?.slice(0, 200) } }, x)
      return deny(status, status === 421 ? 'wrong-host' : 'bad-host', { reason, close: status === 400 })
    }

    return {
      enter(x) {
        const value = x.header('host')
        if (value === undefined) return refuse(x, 400, 'missing')
        if (allowed.has(value)) return undefined
        const host = parseHost(value)
        if (!host.ok) return refuse(x, 400, host.reason)
        return allowed.has(spell(host.hostname, host.port ?? usual, usual)) ? undefined : refuse(x, 421, 'other-host')
      },
    }
  },
})

export interface Host {
  readonly hostname: string
  readonly port: number | undefined
}

function readHost(text: string): Host {
  const host = parseHost(typeof text === 'string' ? text : '')
  if (!host.ok)
    return invalid('hosts.also', text, `Write one exact host such as 'www.app.example'; patterns are not read. (${host.reason})`)
  return host
}

/** The one spelling: no port where it is the scheme's own. */
function spell(hostname: string, port: number, usual: number): string {
  return port === usual ? hostname : `${hostname}:${port}`
}
