import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compilePermissionsPolicy } from './permissions-policy.ts'

it('writes features for nobody, for self, for origins and for everybody', () => {
  assert.equal(
    compilePermissionsPolicy({
      camera: [],
      fullscreen: ['self', 'https://video.example', 'https://*.cdn.example:8443'],
      autoplay: '*',
    }),
    'camera=(), fullscreen=(self "https://video.example" "https://*.cdn.example:8443"), autoplay=*',
  )
  assert.equal(compilePermissionsPolicy({}), '')
})

it('refuses names and members that could add a feature', () => {
  for (const feature of ['', 'Camera', 'a b', 'camera=*, x', 'camera;', '1a'])
    assert.throws(() => compilePermissionsPolicy({ [feature]: [] }), TypeError, feature)
  const members = [
    'none',
    "'self'",
    '*',
    'https://a.example/',
    'https://a.example), x=(*',
    '"x"',
    'a.example',
    'null',
    'https://a.example" "https://b',
    '',
    '(self)',
  ]
  for (const member of members) assert.throws(() => compilePermissionsPolicy({ camera: [member] }), TypeError, member)
  assert.throws(() => compilePermissionsPolicy({ camera: 'self' as never }), TypeError)
})
