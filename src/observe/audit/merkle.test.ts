/** Tree and notes against the known answers of their standards. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHashes, EMPTY_ROOT, inclusionProof, rootByProof, type Range } from './merkle.ts'
import { openNote, readVerifier } from './note.ts'

const hex = (bytes: string) => Buffer.from(bytes, 'latin1').toString('hex')
const hashes = createHashes()

/** The leaves of RFC 6962's reference tests (certificate-transparency, merkle_tree_test). */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

describe('the Merkle tree', () => {
  it('has the roots of RFC 6962', () => {
    assert.equal(hex(EMPTY_ROOT), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    let range: Range = []
    for (const [size, data] of LEAVES.entries()) {
      // A leaf is hashed from text; these are of bytes below 0x80, which are their own text.
      const text = Buffer.from(data, 'hex').toString('latin1')
      range = hashes.append(range, size, hashes.leaf(text))
      assert.equal(hex(hashes.root(range)), ROOTS[size])
    }
  })

  it('proves each leaf of each tree, also when its beginning is known by its range alone, and no other', () => {
    const leaves = Array.from({ length: 40 }, (_, index) => hashes.leaf(`leaf ${index}`))
    const ranges: Range[] = [[]]
    for (const [index, leaf] of leaves.entries()) ranges.push(hashes.append(ranges[index]!, index, leaf))
    for (let size = 1; size <= leaves.length; size++) {
      const root = hashes.root(ranges[size]!)
      for (let index = 0; index < size; index++) {
        for (const first of [0, Math.floor(index / 2), index]) {
          const at = (place: number) => {
            assert.ok(place >= first, 'what was removed is not asked for')
            return leaves[place]!
          }
          const proof = inclusionProof(hashes, { first, range: ranges[first]!, at }, index, size)
          assert.equal(rootByProof(hashes, leaves[index]!, index, size, proof), root)
          assert.notEqual(rootByProof(hashes, leaves[index]!, (index + 1) % size, size, proof), size > 1 ? root : undefined)
          assert.equal(rootByProof(hashes, leaves[index]!, index, size, [...proof, root]), undefined)
        }
      }
    }
  })
})

describe('a signed note', () => {
  /** From Go's golang.org/x/mod/sumdb/note: key, text and signature of its package example. */
  const KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
  const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
  const LINE =
    '\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'

  it('of Go is opened, and no other text by its signature', () => {
    const verifier = readVerifier(KEY)!
    assert.equal(openNote(`${TEXT}\n${LINE}`, [verifier]), TEXT)
    assert.equal(openNote(`${TEXT.replace('answer', 'Answer')}\n${LINE}`, [verifier]), undefined)
    assert.equal(openNote(`${TEXT}\n${LINE}`, []), undefined)
    assert.equal(openNote(`${TEXT}\nno signature\n`, [verifier]), undefined)
    assert.equal(readVerifier(KEY.replace('c74f20a3', 'c74f20a4')), undefined)
    assert.equal(readVerifier('nonsense'), undefined)
  })
})
