/** Cookies as Flask signs them, for tests. That they are like Flask's own is shown by the vectors of `crypto/itsdangerous.test.ts`. */
import { createHmac } from 'node:crypto'

export const FLASK_SECRET = 'an old secret that signed cookies'

/** `at`: milliseconds. */
export function flaskCookie(value: object, at: number, secret = FLASK_SECRET): string {
  const key = createHmac('sha1', secret).update('cookie-session').digest()
  const time = Buffer.alloc(4)
  time.writeUInt32BE(Math.floor(at / 1000))
  const text = `${Buffer.from(JSON.stringify(value)).toString('base64url')}.${time.toString('base64url')}`
  return `${text}.${createHmac('sha1', key).update(text).digest('base64url')}`
}
