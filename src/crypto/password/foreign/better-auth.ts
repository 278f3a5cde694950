/**
 * Hashes of Better Auth: `salt:key` in hexadecimal, scrypt with N=16384, r=16, p=1. The salt is the hexadecimal text itself.
 * Source: better-auth/crypto of 1.7.
 */
import type { ForeignFormat } from '../algorithm.ts'
import { scryptRecipe } from './recipes.ts'

const SHAPE = /^([0-9a-f]{32}):([0-9a-fA-F]{128})$/
const COST = { N: 16384, r: 16, p: 1 }

export const betterAuth: ForeignFormat = {
  name: 'better-auth',
  claims: (stored) => /^[0-9a-f]{32}:/.test(stored),
  read(stored, setting) {
    const found = SHAPE.exec(stored)
    if (!found) return undefined
    const [, salt = '', encoded = ''] = found
    const digest = Buffer.from(encoded, 'hex')
    return scryptRecipe(setting, { of: 'better-auth', stored, encoded, digest, salt, cost: COST, weak: false })
  },
}
