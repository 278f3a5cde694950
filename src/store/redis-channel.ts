/**
 * Announcements through Redis: a subscriber of its own, made from the client that sends the commands. It does not reconnect by itself:
 * what was said meanwhile is lost, so a lost connection is told, and a new one is proved before it counts.
 * Source: https://redis.io/docs/latest/develop/pubsub/ ("at most once")
 */
import type { Channel } from './announcements.ts'

/** What is used of a node-redis client for it. */
export interface PubSubClient {
  publish(channel: string, message: string): Promise<unknown>
  duplicate(): Subscriber
}

interface Subscriber {
  on(event: 'error' | 'end', listener: () => void): unknown
  connect(): Promise<unknown>
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  destroy(): void
}

/** @param client the one that sends commands; opened by the first use, for a URL */
export function redisChannel(client: () => Promise<PubSubClient>, prefix: string): Channel {
  const channel = `${prefix}written`
  return {
    publish: async (text) => await (await client()).publish(channel, text),

    async open({ heard, lost }) {
      const subscriber = (await client()).duplicate()
      const over = (): void => {
        quietly(() => subscriber.destroy())
        lost()
      }
      subscriber.on('error', over)
      subscriber.on('end', lost)
      try {
        await subscriber.connect()
        await subscriber.subscribe(channel, heard)
      } catch (error) {
        quietly(() => subscriber.destroy())
        throw error
      }
      return { close: async () => quietly(() => subscriber.destroy()) }
    },
  }
}

/** Whether a client that was handed in can do it. */
export function canPublish(client: object): client is PubSubClient {
  return ['publish', 'duplicate'].every((verb) => typeof Reflect.get(client, verb) === 'function')
}

/** node-redis throws when it is closed already. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {
    // It is closed, which was wanted.
  }
}
