import { generateKey } from '../../src/crypto/keyring.ts'
import { readSecretsFile } from '../../src/secrets/secrets-file.ts'
import { SecretsError } from '../../src/secrets/source.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { HoldfastError } from '../../src/engine/errors.ts'
import { defineAttack } from '../support/attack.ts'

export default [
  defineAttack({
    id: 'A203',
    title: 'changes the sealed file in the repository so that one secret stands under the name of another',
    control: 'signIn',
    without: { heldBy: 'design', why: 'the name is bound into each value; no option leaves it out' },
    async succeeds() {
      const key = generateKey()
      const { text } = readSecretsFile('', key).set('ADMIN_TOKEN', 'what admins send').set('PUBLIC_TOKEN', 'what everybody sends')
      const swapped = text.replace('ADMIN_TOKEN', 'X').replace('PUBLIC_TOKEN', 'ADMIN_TOKEN').replace('X ', 'PUBLIC_TOKEN ')
      if (swapped === text || readSecretsFile(text, key).get('ADMIN_TOKEN') === undefined) throw new Error('Nothing was changed.')
      try {
        return readSecretsFile(swapped, key).get('ADMIN_TOKEN') !== undefined
      } catch (error) {
        if (error instanceof SecretsError) return false
        throw error
      }
    },
  }),
  defineAttack({
    id: 'A204',
    title: 'guesses a secret that was typed in a hurry, copied from documentation or used twice (CWE-521, CWE-1392)',
    control: 'signIn',
    without: { heldBy: 'start-up', why: 'the process does not start' },
    async succeeds() {
      const provider = { HOLDFAST_OIDC_ISSUER: 'https://id.example', HOLDFAST_OIDC_CLIENT_ID: 'shop' }
      const key = generateKey()
      if (readSettings({ ...provider, HOLDFAST_OIDC_CLIENT_SECRET: 'GOCSPX-8fJk2mQ9xLr4Tz7Vb1Nc' }).oidc === undefined)
        throw new Error('No secret is accepted at all.')
      return [
        { ...provider, HOLDFAST_OIDC_CLIENT_SECRET: 'changeme' },
        { ...provider, HOLDFAST_OIDC_CLIENT_SECRET: 'your-client-secret' },
        { ...provider, HOLDFAST_OIDC_CLIENT_SECRET: 'abababababababababab' },
        { HOLDFAST_KEYS: key, HOLDFAST_PEPPER: key },
      ].some(starts)
    },
  }),
]

function starts(environment: Record<string, string>): boolean {
  try {
    readSettings(environment)
    return true
  } catch (error) {
    if (error instanceof HoldfastError) return false
    throw error
  }
}
