import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { redirectServer } from '../../src/adapters/server.ts'
import { generateKey, parseKeyring } from '../../src/crypto/keyring.ts'
import { createChallenges } from '../../src/tls/acme/challenges.ts'
import { sealed } from '../../src/tls/acme/sealed.ts'
import { fileStorage } from '../../src/tls/index.ts'
import { defineAttack } from '../support/attack.ts'

const DESIGN = { heldBy: 'design', why: 'no option changes it' } as const
const PRIVATE = '-----BEGIN PRIVATE KEY-----'

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-a223-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export default [
  defineAttack({
    id: 'A223',
    title: 'copies the storage of certificates, and has the keys of the account and the server',
    control: 'https',
    without: DESIGN,
    succeeds: () =>
      inFolder(async (folder) => {
        const storage = await fileStorage(folder)
        const store = sealed(storage, parseKeyring(generateKey()))
        await storage.write('plain', PRIVATE)
        await store.write('account', { key: PRIVATE, url: 'https://ca.example/account/1' })
        const texts = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')] as const)
        if (!texts.some(([name, text]) => name.startsWith('plain') && text.includes('PRIVATE')))
          throw new Error('The judge cannot read.')
        if (texts.some(([name, text]) => name.startsWith('account') && /PRIVATE|ca\.example/.test(text))) return true
        // Or puts what is sealed as the account where the certificate is read.
        await storage.write('certificate', (await storage.read('account'))!)
        return (await store.read('certificate').catch(() => undefined)) !== undefined
      }),
  }),
  defineAttack({
    id: 'A224',
    title: 'has port 80 send visitors elsewhere, or say what the attacker wrote, through Host, path and token',
    control: 'https',
    without: DESIGN,
    succeeds: () =>
      inFolder(async (folder) => {
        const store = sealed(await fileStorage(folder), parseKeyring(generateKey()))
        const challenges = createChallenges(store, { shared: true, now: Date.now })
        const token = 'x'.repeat(43)
        await challenges.announce([{ type: 'http-01', name: 'a.test', token, keyAuthorization: `${token}.print` }])
        const server = redirectServer({ origin: 'https://app.example', certificates: { httpChallenge: challenges.http } })
        server.listen(0, '127.0.0.1')
        await once(server, 'listening')
        const ask = async (target: string, host: string): Promise<string> => {
          const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
          let text = ''
          socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
          socket.on('error', () => {})
          socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
          await once(socket, 'close')
          return text
        }
        try {
          const challenge = '/.well-known/acme-challenge/'
          if (!(await ask(challenge + token, 'a.test')).endsWith(`${token}.print`)) throw new Error('It answers no token at all.')
          const targets = [
            '/',
            '//evil.example',
            '/\\evil.example',
            'http://evil.example/',
            '/%0d%0aLocation:%20https://evil.example',
          ]
          for (const target of [
            ...targets,
            `${challenge}evil.example`,
            `${challenge}${'e'.repeat(40)}evil`,
            `${challenge}../evil`,
          ]) {
            const answer = await ask(target, 'evil.example')
            const location = /\r\nlocation: (.*)\r\n/i.exec(answer)?.[1]
            if (location !== undefined && new URL(location).origin !== 'https://app.example') return true
            if (answer.split('\r\n\r\n').slice(1).join('').includes('evil')) return true
          }
          return false
        } finally {
          server.close()
        }
      }),
  }),
]
