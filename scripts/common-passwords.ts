/**
 * `node scripts/common-passwords.ts`: makes src/crypto/password/common-passwords.ts, the filter of common passwords.
 *
 * The list is that of @zxcvbn-ts/language-common (MIT licence, by Dan Wheeler, Dropbox and zxcvbn-ts), a development dependency. Entries of
 * fewer than 4 characters are left out. The same version gives the same bytes; a test holds that the file is what this makes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { buildXorFilter } from '../src/crypto/password/xor-filter.ts'

const require = createRequire(import.meta.url)
const SHORTEST = 4

export const TARGET = fileURLToPath(new URL('../src/crypto/password/common-passwords.ts', import.meta.url))

/** The texts that go into the filter: lower case, each once. */
export function commonPasswords(): readonly string[] {
  const file = require.resolve('@zxcvbn-ts/language-common').replace(/dist\/.*$/, 'src/passwords.json')
  const all = JSON.parse(readFileSync(file, 'utf8')) as string[]
  return [...new Set(all.map((text) => text.normalize('NFKC').toLowerCase()))].filter((text) => text.length >= SHORTEST)
}

/** The text of the file. */
export function commonPasswordsFile(): string {
  const { version } = require('@zxcvbn-ts/language-common/package.json') as { version: string }
  const texts = commonPasswords()
  const { seed, fingerprints } = buildXorFilter(texts)
  const bytes = Buffer.alloc(fingerprints.length * 2)
  for (const [at, fingerprint] of fingerprints.entries()) bytes.writeUInt16LE(fingerprint, at * 2)
  return [
    '/**',
    ` * ${texts.length} common passwords as an xor filter; made by scripts/common-passwords.ts, not by hand.`,
    ` * Source: @zxcvbn-ts/language-common ${version}. Copyright (c) 2012-2016 Dan Wheeler and Dropbox, Inc.; Copyright (c) 2021 @zxcvbn-ts.`,
    ' * MIT licence: permission is granted, free of charge, to deal in the software without restriction, provided that this notice is',
    ' * included; the software is provided "as is", without warranty of any kind.',
    ' */',
    `export const SEED = ${seed}`,
    '/** Base64 of 16-bit numbers, low byte first. */',
    `export const FINGERPRINTS =\n  '${bytes.toString('base64')}'`,
    '',
  ].join('\n')
}

if (import.meta.main) writeFileSync(TARGET, commonPasswordsFile())
