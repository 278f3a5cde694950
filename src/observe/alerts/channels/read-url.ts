/** The address of another server, as it stands in an option: https, and no name or password in it. */
import { Secret } from '../../../crypto/secret.ts'
import { invalid } from '../../../engine/options.ts'
import type { ChannelReach } from '../channel.ts'

/** The address. Throws HF_OPTION_INVALID without saying it: such addresses hold secrets. `http:` passes where the host is excepted alone. */
export function readUrl(option: string, given: string | Secret, { insecureAllowHosts }: ChannelReach): string {
  const text = given instanceof Secret ? given.reveal() : given
  const url = typeof text === 'string' ? URL.parse(text) : null
  const excepted = url !== null && (insecureAllowHosts?.hosts.includes(url.host) ?? false)
  const fits = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && excepted))
  if (fits && url.username === '' && url.password === '' && url.hash === '') return url.href
  return invalid(option, new Secret(''), 'Write an address that begins with https://.')
}

/** What of the options the guard takes. */
export function reachable({ networks, insecureAllowHosts, ca }: ChannelReach): ChannelReach {
  return { ...(networks && { networks }), ...(insecureAllowHosts && { insecureAllowHosts }), ...(ca && { ca }) }
}
