/** Drill: the log falls silent, and then somebody with the session of an administrator does what nobody is to see. */
import type { Drill } from './drill.ts'

export const logSilenced: Drill = {
  name: 'log-silenced',
  what: 'The log falls silent, and then an account gets rights that nobody is to see',
  playbook: 'log-silenced',
  detectedBy: ['monitoring-silenced'],
  async play(app) {
    const { id } = await app.user('mallory')
    const { id: root, password } = await app.user('root', undefined, 'admin')
    const [thief, honest] = [app.from('203.0.113.66'), app.from('198.51.100.7')]
    await app.signIn(thief, 'root', password)
    const gives = async (who: typeof thief, role: string) => (await who.post(`/roles/${id}/${role}`)).status === 200
    return {
      async attack() {
        app.log.fails = true
        await gives(thief, 'admin')
      },
      succeeds: () => gives(thief, 'admin'),
      answers: async () => [{ response: 'read-only' }, { response: 'end-user-sessions', subject: { kind: 'user', value: root } }],
      async recover() {
        app.log.fails = false
      },
      // What is done is written down again, and the stolen session does nothing.
      async works() {
        const before = app.log.lines
        await app.signIn(honest, 'root', password)
        return (await gives(honest, 'member')) && app.log.lines > before && !(await gives(thief, 'admin'))
      },
    }
  },
}
