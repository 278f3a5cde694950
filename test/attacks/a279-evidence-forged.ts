import { generateKey, parseKeyring } from '../../src/crypto/keyring.ts'
import { EVIDENCE_TYPE } from '../../src/observe/evidence/bundle.ts'
import { signEnvelope } from '../../src/observe/evidence/sign.ts'
import { trustedKeys, verifyEvidence } from '../../src/observe/evidence/verify.ts'
import { defineAttack } from '../support/attack.ts'
import { ATTACKER, BEHIND_A_PROXY, failToSignIn } from '../support/responding.ts'

const BY = { kind: 'system', id: 'operator' } as const
const KEYS = generateKey('ours')

export default defineAttack({
  id: 'A279',
  title: 'takes what speaks against them out of exported evidence, and signs it anew with a key that they name in it',
  control: 'containment',
  options: { ...BEHIND_A_PROXY, keys: KEYS },
  without: { heldBy: 'design', why: 'who verifies brings the public key; nothing in a file is believed about who signed it' },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    await failToSignIn(app, 'victim', 12)
    const [incident] = await app.holdfast.incidents.list()
    const envelope = await app.holdfast.investigation.evidence(incident!.id, BY)
    const text = Buffer.from(envelope!.payload, 'base64').toString()
    if (!text.includes(ATTACKER)) throw new Error('There is no evidence.')
    const trusted = trustedKeys(parseKeyring(KEYS), 'localhost')
    if (!verifyEvidence(JSON.stringify(envelope), trusted).ok) throw new Error('What is whole does not verify.')
    const clean = Buffer.from(text.replaceAll(ATTACKER, '192.0.2.1'))
    const eve = signEnvelope(parseKeyring(generateKey('ours')), EVIDENCE_TYPE, clean)
    const [own] = envelope!.signatures
    const forged = [
      { ...envelope!, payload: clean.toString('base64') },
      eve,
      { ...eve, signatures: [own, ...eve.signatures] },
      { ...eve, signatures: eve.signatures.map(({ sig }) => ({ keyid: own!.keyid, sig })) },
    ]
    return forged.some((one) => verifyEvidence(JSON.stringify(one), trusted).ok)
  },
})
