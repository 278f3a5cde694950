/** One JSON document to another server, through the guard: what webhooks of all shapes have in common. */
import { OutboundError, type Outbound } from '../../../outbound/index.ts'
import { AlertError } from '../channel.ts'

export interface JsonPost {
  readonly url: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
  /** Statuses after which another attempt is of no use. */
  readonly final: (status: number) => boolean
  readonly signal: AbortSignal
}

/** Rejects with AlertError unless the answer is a 2xx. Redirects are not followed: a webhook has one address. */
export async function postJson(outbound: Outbound, { url, body, headers, final, signal }: JsonPost): Promise<void> {
  const answer = await outbound
    .fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal,
    })
    .catch((cause: unknown) => {
      // What is refused by the guard was refused for where it goes: that may be mended (a name that resolves anew), so it is tried again.
      const why = cause instanceof OutboundError ? cause.reason : 'ended'
      throw new AlertError(`The other server was not reached: ${why}.`, { cause })
    })
  if (answer.ok) return
  throw new AlertError(`The other server answered ${answer.status}.`, { permanent: final(answer.status) })
}
