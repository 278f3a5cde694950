/** Drill: a scanner tries whether what it sends becomes SQL. */
import type { Drill } from './drill.ts'

const ATTACKER = '203.0.113.66'
const PROBES = 40

export const injectionProbing: Drill = {
  name: 'injection-probing',
  what: 'A scanner tries whether what it sends becomes SQL, in forty ways',
  playbook: 'injection-probing',
  detectedBy: ['sql-probe'],
  async play(app) {
    const [scanner, visitor] = [app.from(ATTACKER), app.from('198.51.100.7')]
    const probe = (n: number) => scanner.get(`/?id=${encodeURIComponent(`${n}' UNION SELECT ${n}, password FROM users--`)}`)
    return {
      async attack() {
        for (let n = 0; n < PROBES; n++) await probe(n)
      },
      succeeds: async () => (await probe(PROBES)).status === 200,
      answers: async () => [{ response: 'block-client', subject: { kind: 'client', value: ATTACKER } }],
      works: async () => (await visitor.get('/?id=42')).status === 200,
    }
  },
}
