/** `holdfast tls`: which certificates are served and for how long, how to trust the one of this machine, and a renewal now. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes, X509Certificate } from 'node:crypto'
import { parseKeyring } from '../../crypto/keyring.ts'
import type { KeptAccount } from '../../tls/acme/account.ts'
import { newKey } from '../../tls/acme/client.ts'
import { SEALED_NAMES, sealed, type Sealed } from '../../tls/acme/sealed.ts'
import { databaseStorage, type CertificateStorage } from '../../tls/acme/storage.ts'
import { ORDER } from '../../tls/acme/work.ts'
import { planned, type RenewalState } from '../../tls/acme/renewal.ts'
import { namesOf } from '../../tls/checked-pair.ts'
import { certificateBlocks } from '../../tls/pem.ts'
import { done, refused, Refusal, verdict, type Call, type Command, type Outcome } from '../command.ts'
import { keysOf, settingsOf, withDatabase } from '../open.ts'
import { instant, table } from '../table.ts'

const DAY = 86_400_000

/** Said wherever certificates are shown, because many still ask for it. */
const OCSP =
  "OCSP is gone: Let's Encrypt turned its service off on 2025-08-06, and nothing is stapled here. Revocation is told by lists that browsers carry, and by short lives."

export const tls: Command = {
  name: 'tls',
  what: 'Show certificates, trust the one of this machine, renew',
  more: 'Looks at what HOLDFAST_TLS names: the local certificate, files, or those of ACME in the database.',
  actions: [
    {
      name: 'show',
      args: [],
      what: 'Each certificate of the chain: names, days left, key, issuer; and when it is renewed',
      run: show,
    },
    {
      name: 'trust',
      args: [],
      what: 'Say how to trust the authority of the local certificate; changes nothing by itself',
      run: trust,
    },
    {
      name: 'renew',
      args: [],
      what: 'Have the running application ask for a new certificate, within some seconds',
      options: {
        'new-account-key': { type: 'boolean', what: 'Replace the key of the account at the authority, too' },
        'new-account': {
          type: 'boolean',
          what: 'Make a new account: the old one was deactivated, or what is stored of it cannot be opened any more',
        },
      },
      run: renew,
    },
  ],
}

async function show(call: Call): Promise<Outcome> {
  const { tls: kind } = settingsOf(call)
  if (kind.kind === 'off') return done('TLS is off here: a proxy ends it, and has the certificate.', { certificates: [] })
  const { chain, renewal } = await read(call)
  const now = call.io.now()
  const certificates = chain.map((certificate) => describe(certificate, now))
  const rows = certificates.map(({ names, issuer, key, expires, days }) => [
    names.join(', ') || '-',
    issuer,
    key,
    instant(Date.parse(expires)),
    String(days),
  ])
  const lines = [
    table(['NAMES', 'ISSUER', 'KEY', 'EXPIRES', 'DAYS'], rows),
    ...(chain[0] ? [`SHA-256 ${chain[0].fingerprint256}`] : []),
    ...(renewal
      ? [`Renewed at ${instant(renewal.at)}${renewal.window ? ', in the window that the authority suggests' : ''}.`]
      : []),
    ...(renewal?.explanation ? [`The authority explains that window at ${renewal.explanation}`] : []),
    ...(renewal && renewal.failures > 0
      ? [`Failed ${renewal.failures} times; tried again from ${instant(renewal.notBefore)} on.`]
      : []),
    OCSP,
  ]
  const ended = certificates.some(({ days }) => days < 0)
  return verdict(!ended, lines.join('\n'), { certificates, renewal: renewal ?? null })
}

async function trust(call: Call): Promise<Outcome> {
  const { tls: kind, data } = settingsOf(call)
  if (kind.kind !== 'local')
    return refused('not-local', 'Only the certificate of HOLDFAST_TLS=local has an authority of its own.')
  const path = join(data, 'tls', 'ca.pem')
  if (!existsSync(path)) throw new Refusal(3, `There is no ${path} yet. Start the application once: it makes it.`)
  const { fingerprint256, validToDate } = new X509Certificate(readFileSync(path))
  const quoted = JSON.stringify(path)
  const text = `The authority of this machine's certificate: ${path}
SHA-256 ${fingerprint256}
until ${instant(validToDate.getTime())}

It may vouch for the local names alone, and its key is gone. Nothing was changed; do one of these yourself, and take it back when you are done.

Debian, Ubuntu   sudo cp ${quoted} /usr/local/share/ca-certificates/holdfast-local.crt && sudo update-ca-certificates
Chromium there   certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n holdfast-local -i ${quoted}      (package libnss3-tools)
macOS            security add-trusted-cert -k ~/Library/Keychains/login.keychain-db ${quoted}
Windows          certutil -user -addstore Root ${quoted}
Firefox          Settings, Privacy & Security, View Certificates, Authorities, Import: trust it for websites
curl             curl --cacert ${quoted} https://localhost:8443/
Node             NODE_EXTRA_CA_CERTS=${quoted} node …

Compare the fingerprint that your system shows with the one above.`
  return done(text, { path, fingerprint256, expires: validToDate.toISOString() })
}

async function renew(call: Call): Promise<Outcome> {
  if (settingsOf(call).tls.kind !== 'acme') return refused('not-acme', 'Only certificates of HOLDFAST_TLS=acme are renewed here.')
  const [key, account] = [call.flag('new-account-key'), call.flag('new-account')]
  if (key && account) throw new Refusal(2, 'A new account has a new key. Give one of --new-account-key and --new-account.')
  return await withSealed(call, async (store, storage) => {
    if (key || account) await underLock(call, storage, () => (key ? planNewKey(store) : forget(store, storage)))
    const now = call.io.now()
    const known = (await store.read('renewal')) as RenewalState | undefined
    const certificate = await stored(store)
    const life = certificate && lifeOf(certificate)
    const state = known ?? (life ? planned(life, 0) : { of: '', askAt: 0, failures: 0 })
    // Asked about its window only later: the answer would move the moment away again.
    await store.write('renewal', { ...state, at: now, notBefore: now, failures: 0, askAt: now + DAY })
    return done(
      'The application asks for a new certificate within some seconds. What comes of it stands in its log, and in "holdfast tls show".',
      {
        due: new Date(now).toISOString(),
      },
    )
  })
}

/** No order may be under way: it writes the account, too. */
async function underLock(call: Call, storage: CertificateStorage, act: () => Promise<void>): Promise<void> {
  const owner = randomBytes(12).toString('hex')
  if (!(await storage.reserve(ORDER, owner, 60_000, call.io.now())))
    throw new Refusal(1, 'The application asks for a certificate just now. Try again in a minute.')
  try {
    await act()
  } finally {
    await storage.release(ORDER, owner)
  }
}

/** The next order has the authority take it. */
async function planNewKey(store: Sealed): Promise<void> {
  const account = (await store.read('account')) as KeptAccount | undefined
  if (account?.url === undefined) throw new Refusal(1, 'There is no account yet whose key could be replaced.')
  await store.write('account', { ...account, next: newKey() })
}

/** The account, and of the rest what no key of the ring opens: the application could not start with it. */
async function forget(store: Sealed, storage: CertificateStorage): Promise<void> {
  await storage.remove('account')
  for (const name of SEALED_NAMES)
    await store.read(name).catch(async () => {
      await storage.remove(name)
    })
}

interface Read {
  readonly chain: readonly X509Certificate[]
  readonly renewal: RenewalState | undefined
}

async function read(call: Call): Promise<Read> {
  const { tls: kind, data } = settingsOf(call)
  if (kind.kind === 'acme')
    return await withSealed(call, async (store) => {
      const chain = certificateBlocks(((await store.read('certificate')) as { cert: string } | undefined)?.cert ?? '')
      return {
        chain: chain.map((block) => new X509Certificate(block)),
        renewal: (await store.read('renewal')) as RenewalState | undefined,
      }
    })
  const path = kind.kind === 'files' ? kind.cert : join(data, 'tls', 'localhost.pem')
  if (!existsSync(path))
    throw new Refusal(3, `There is no certificate at ${path}. Start the application once, or check the setting.`)
  return { chain: certificateBlocks(readFileSync(path, 'utf8')).map((block) => new X509Certificate(block)), renewal: undefined }
}

async function stored(store: Sealed): Promise<X509Certificate | undefined> {
  const found = (await store.read('certificate')) as { cert: string } | undefined
  return found && new X509Certificate(found.cert)
}

function lifeOf({ fingerprint256, validFromDate, validToDate }: X509Certificate) {
  return { fingerprint256, begins: validFromDate.getTime(), expires: validToDate.getTime() }
}

/** Gives what the application keeps of its certificates to `work`. */
async function withSealed<T>(call: Call, work: (store: Sealed, storage: CertificateStorage) => Promise<T>): Promise<T> {
  const keys = keysOf(call)
  if (keys === undefined)
    throw new Refusal(3, 'The key ring of the application is not known here. Set HOLDFAST_KEYS, or name its folder with --data.')
  return await withDatabase(call, { make: false }, async (database) => {
    const storage = databaseStorage(database, { now: call.io.now })
    return await work(sealed(storage, parseKeyring(keys, call.io.now)), storage)
  })
}

function describe(certificate: X509Certificate, now: number) {
  const { asymmetricKeyType: type = '', asymmetricKeyDetails: details = {} } = certificate.publicKey
  const size = details.modulusLength ?? details.namedCurve ?? ''
  return {
    names: namesOf(certificate),
    subject: certificate.subject.replaceAll('\n', ', '),
    issuer: certificate.issuer.replaceAll('\n', ', '),
    key: `${type} ${size}`.trim(),
    fingerprint256: certificate.fingerprint256,
    expires: certificate.validToDate.toISOString(),
    days: Math.floor((certificate.validToDate.getTime() - now) / DAY),
  }
}
