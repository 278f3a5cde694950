/**
 * Loads @peculiar/x509 when a certificate is made, and not before: it takes a fifth of a second, and most starts need no new certificate.
 *
 * The library asks for a polyfill of `Reflect.getMetadata` while it is loaded, and never afterwards. The three functions it calls are
 * lent to it for that moment: it is loaded synchronously, so nothing else runs meanwhile, and `Reflect` is left as it was found.
 */
import { createRequire } from 'node:module'

export type X509 = typeof import('@peculiar/x509')

type Metadata = Map<unknown, unknown>

/** Throws, saying how to install it, when it is missing. */
export function loadX509(require: (id: '@peculiar/x509') => X509 = createRequire(import.meta.url)): X509 {
  const giveBack = 'getMetadata' in Reflect ? undefined : lendMetadata()
  try {
    return require('@peculiar/x509')
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND')) throw cause
    throw new Error(
      'Making a local certificate needs the package @peculiar/x509. Install it with: npm install --save-dev @peculiar/x509 — or give your own certificate and key files.',
      { cause },
    )
  } finally {
    giveBack?.()
  }
}

function lendMetadata(): () => void {
  const targets = new WeakMap<object, Metadata>()
  const lent = {
    getMetadata: (key: unknown, target: object) => targets.get(target)?.get(key),
    getOwnMetadata: (key: unknown, target: object) => targets.get(target)?.get(key),
    defineMetadata(key: unknown, value: unknown, target: object) {
      const metadata: Metadata = targets.get(target) ?? new Map()
      targets.set(target, metadata.set(key, value))
    },
  }
  Object.assign(Reflect, lent)
  return () => {
    for (const name of Object.keys(lent)) Reflect.deleteProperty(Reflect, name)
  }
}
