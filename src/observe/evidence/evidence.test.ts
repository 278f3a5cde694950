import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { billOfMaterials } from './sbom.ts'
import { evidenceKeys, signEnvelope, verifyEnvelope } from './sign.ts'
import { auditEvidence, logFileEvidence, type EvidenceEvent } from './source.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-evidence-'))
after(() => rmSync(folder, { recursive: true }))

const TYPE = 'application/vnd.test+json'
const OLD = generateKey('old')
const ring = parseKeyring(OLD)
const [key] = evidenceKeys(ring)
const signed = () => JSON.stringify(signEnvelope(ring, TYPE, Buffer.from('{"a":1}')))

describe('a signed envelope', () => {
  it('gives back what was signed, to whoever has the public key', () => {
    const verified = verifyEnvelope(signed(), TYPE, [key!.text])
    assert.ok(verified.ok)
    assert.equal(verified.payload.toString(), '{"a":1}')
    assert.equal(verified.keyId, key!.id)
  })

  it('is refused after any change of its payload, its type or its signature', () => {
    const envelope = JSON.parse(signed()) as ReturnType<typeof signEnvelope>
    const [signature] = envelope.signatures
    const flipped = Buffer.from(signature!.sig, 'base64')
    flipped[5]! ^= 1
    const changed = [
      { ...envelope, payload: Buffer.from('{"a":2}').toString('base64') },
      { ...envelope, signatures: [{ ...signature!, sig: flipped.toString('base64') }] },
      { ...envelope, signatures: [{ ...signature!, sig: '' }] },
    ]
    for (const one of changed)
      assert.deepEqual(verifyEnvelope(JSON.stringify(one), TYPE, [key!.text]), { ok: false, reason: 'mismatch' })
    const other = { ...envelope, payloadType: 'text/plain' }
    assert.deepEqual(verifyEnvelope(JSON.stringify(other), TYPE, [key!.text]), { ok: false, reason: 'malformed' })
    assert.deepEqual(verifyEnvelope(JSON.stringify(other), 'text/plain', [key!.text]), { ok: false, reason: 'mismatch' })
  })

  it('is refused where its key is not trusted, and says nothing of what it holds', () => {
    const stranger = evidenceKeys(parseKeyring(generateKey('eve')))[0]!
    assert.deepEqual(verifyEnvelope(signed(), TYPE, [stranger.text]), { ok: false, reason: 'unknown-key' })
    assert.deepEqual(verifyEnvelope(signed(), TYPE, []), { ok: false, reason: 'unknown-key' })
    assert.deepEqual(verifyEnvelope(signed(), TYPE, ['nonsense']), { ok: false, reason: 'unknown-key' })
  })

  it('is verified with an older key of the ring after the ring was rotated', () => {
    const rotated = parseKeyring(`${generateKey('new')},${OLD}`)
    const trusted = evidenceKeys(rotated).map(({ text }) => text)
    assert.ok(verifyEnvelope(signed(), TYPE, trusted).ok)
    assert.ok(verifyEnvelope(JSON.stringify(signEnvelope(rotated, TYPE, Buffer.from('x'))), TYPE, trusted).ok)
  })

  it('refuses what is no envelope', () => {
    for (const text of ['', 'null', '[]', '{}', '{"payloadType":1}', '{"payloadType":"a","payload":"!","signatures":[]}', '"x"'])
      assert.equal(verifyEnvelope(text, TYPE, [key!.text]).ok, false, text)
  })
})

describe('the bill of materials', () => {
  it('names what npm installed, with hashes and what depends on what', () => {
    const root = join(folder, 'app')
    mkdirSync(join(root, 'node_modules'), { recursive: true })
    writeFileSync(join(root, 'package.json'), '{"name":"app","version":"2.0.0"}')
    const packages = {
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-AAEC', license: 'MIT', dependencies: { '@s/b': '^1', c: '*' } },
      'node_modules/@s/b': { version: '1.1.0', dev: true },
      'node_modules/a/node_modules/@s/b': { version: '1.2.0' },
      'node_modules/linked': { link: true },
    }
    writeFileSync(join(root, 'node_modules/.package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }))
    const bom = billOfMaterials(root, 0)!
    assert.deepEqual([bom.bomFormat, bom.specVersion, bom.version], ['CycloneDX', '1.6', 1])
    assert.deepEqual(
      bom.components.map(({ purl, scope }) => [purl, scope]),
      [
        [`pkg:generic/node@${process.version.slice(1)}`, 'required'],
        ['pkg:npm/a@1.0.0', 'required'],
        ['pkg:npm/%40s/b@1.1.0', 'excluded'],
        ['pkg:npm/%40s/b@1.2.0', 'required'],
      ],
    )
    const [, a] = bom.components
    assert.deepEqual(a!.hashes, [{ alg: 'SHA-512', content: '000102' }])
    assert.deepEqual(a!.licenses, [{ expression: 'MIT' }])
    assert.deepEqual(bom.dependencies[0], { ref: 'pkg:npm/a@1.0.0', dependsOn: ['pkg:npm/%40s/b@1.2.0'] })
    assert.deepEqual(bom.metadata.component, {
      ...{ type: 'application', name: 'app', version: '2.0.0' },
      ...{ 'bom-ref': 'pkg:npm/app@2.0.0', purl: 'pkg:npm/app@2.0.0' },
    })
  })

  it('is that of this kit, read from a folder below it', () => {
    const bom = billOfMaterials(join(import.meta.dirname, '..'), 0)!
    const names = bom.components.map(({ name }) => name)
    assert.ok(names.includes('kysely') && names.includes('jose'))
    assert.equal(new Set(bom.components.map((one) => one['bom-ref'])).size, bom.components.length)
  })

  it('is not made up where npm left nothing', () => assert.equal(billOfMaterials(folder, 0), undefined))
})

describe('where evidence is looked up', () => {
  const range = { from: 1000, to: 9000 }

  it('finds in a log file what is about a subject, and takes lines that are none for none', async () => {
    const file = join(folder, 'log.jsonl')
    const line = (time: number, more: object) =>
      JSON.stringify({ time: new Date(time).toISOString(), level: 'warn', type: 'x', control: 'c', ...more })
    const lines = [
      line(500, { principal: 'u1' }),
      line(2000, { principal: 'u1', client: '192.0.2.1' }),
      'not json',
      line(3000, { data: { userId: 'u1' } }),
      line(4000, { data: { actor: 'user:u1', session: 's1' } }),
      line(5000, { principal: 'u2', data: { sessions: ['s1', 's2'] } }),
      line(6000, { principal: 'u3', session: 's3' }),
      line(6500, { principal: 'u3', apiKey: 'k3' }),
      line(6700, { principal: 'u3', data: { app: 'a3' } }),
      line(9000, { principal: 'u1' }),
    ]
    writeFileSync(file, `${lines.join('\n')}\n`)
    const source = logFileEvidence(file)
    const times = async (kind: 'user' | 'session' | 'client' | 'api-key' | 'app', value: string, limit = 10) => {
      const { events, complete } = await source.find({ kind, value }, range, limit)
      return [events.map(({ time }) => time), complete]
    }
    assert.deepEqual(await times('user', 'u1'), [[2000, 3000, 4000], true])
    assert.deepEqual(await times('session', 's1'), [[4000, 5000], true])
    assert.deepEqual(await times('client', '192.0.2.1'), [[2000], true])
    assert.deepEqual(await times('session', 's3'), [[6000], true], 'by which somebody asked')
    assert.deepEqual(await times('api-key', 'k3'), [[6500], true])
    assert.deepEqual(await times('app', 'a3'), [[6700], true])
    assert.deepEqual(await times('user', 'u1', 2), [[3000, 4000], false], 'the latest, and it says that there were more')
  })

  it('asks an audit log page by page, and puts the oldest first', async () => {
    const all: EvidenceEvent[] = Array.from({ length: 7 }, (_, n) => ({
      id: `c#${n}`,
      time: n,
      type: 'x',
      level: 'info',
      control: 'c',
    }))
    const asked: object[] = []
    const source = auditEvidence(
      {
        flush: async () => {},
        prove: async (ids) => ({
          events: [],
          proofs: { keys: [], checkpoints: [], events: ids.map((id) => ({ id, unproved: 'not-signed' })) },
        }),
        async search(filter, { before } = {}) {
          asked.push(filter)
          const end = before === undefined ? all.length : Number(before)
          const events = all.slice(Math.max(0, end - 3), end).toReversed()
          return { events, ...(end > 3 && { next: String(end - 3) }) }
        },
      },
      async (id) => (id === 'a1' ? 'u1' : undefined),
    )
    const found = await source.find({ kind: 'user', value: 'u1' }, range, 100)
    assert.deepEqual(found, { events: all, complete: true })
    assert.deepEqual(asked[0], { user: 'u1', ...range })
    assert.deepEqual((await source.find({ kind: 'user', value: 'u1' }, range, 2)).complete, false)
    const asApp = { ...all[3]!, data: { app: 'a1' } }
    all[3] = asApp
    assert.deepEqual(await source.find({ kind: 'app', value: 'a1' }, range, 5), { events: [asApp], complete: true })
    assert.deepEqual(asked.at(-1), { user: 'u1', ...range }, 'under the account for which it asks')
    assert.deepEqual(await source.find({ kind: 'app', value: 'a2' }, range, 2), { events: [], complete: false })
    assert.deepEqual(await source.find({ kind: 'origin', value: 'x' }, range, 2), { events: [], complete: true })
  })
})
