/** Who sits at the terminal. */
import { userInfo } from 'node:os'

/** The user of the system. Behind `sudo` whoever called it: root alone is believed about that, because anybody can set a variable. */
export function operatorOf(environment: Readonly<Record<string, string | undefined>>): string {
  const { uid, username } = userInfo()
  const behind = uid === 0 ? environment['SUDO_USER'] : undefined
  return (behind ?? username).replaceAll(/[^\w.@-]/g, '').slice(0, 64) || `uid-${uid}`
}
