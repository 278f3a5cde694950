/**
 * Hashes of Better Auth: `salt:key` in hexadecimal, scrypt with N=16384, r=16, p=1. The salt is the hexadecimal text itself.
 * Source: better-auth/crypto of 1.7.
 */
import type { ForeignFormat } from '../algorithm.ts'
import { deriveScrypt } from './derive.ts'
import { blanked } from './digest.ts'

const SHAPE = /^([0-9a-f]{32}):([0-9a-fA-F]{128})$/
const COST = { N: 16384, r: 16, p: 1 }

export const betterAuth: ForeignFormat = {
  name: 'better-auth',
  claims: (stored) => /^[0-9a-f]{32}:/.test(stored),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, salt = '', hex = ''] = found
    const digest = Buffer.from(hex, 'hex')
    return {
      scheme: 'better-auth scrypt 16384:16:1',
      weak: false,
      digest,
      blank: blanked(stored, hex),
      digests: async (password) => [
        await deriveScrypt(setting, COST, { password, salt: Buffer.from(salt), length: digest.length }),
      ],
    }
  },
}
