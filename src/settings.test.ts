import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Secret } from './crypto/secret.ts'
import { describeSettings, readSettings, SETTINGS } from './settings.ts'
import { readSite } from './site.ts'

describe('settings', () => {
  it('have defaults with which the example starts', () => {
    assert.deepEqual(readSettings({}), {
      port: 8443,
      data: '.holdfast',
      databaseUrl: undefined,
      redisUrl: undefined,
      origin: 'https://localhost:8443',
      tls: { kind: 'local' },
      trustedProxies: [],
      keys: undefined,
      pepper: undefined,
      mail: { from: 'noreply@localhost', transport: { file: join('.holdfast', 'mail') } },
      oidc: undefined,
      log: 'stdout',
    })
  })

  it('take a secret from a file, without the line end that editors add', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-settings-'))
    writeFileSync(join(folder, 'keys'), 'k1:abc\n')
    assert.equal(readSettings({ HOLDFAST_KEYS_FILE: join(folder, 'keys') }).keys?.reveal(), 'k1:abc')
    assert.throws(() => readSettings({ HOLDFAST_KEYS_FILE: join(folder, 'none') }), {
      code: 'HF_OPTION_INVALID',
      message: /cannot be read/,
    })
    rmSync(folder, { recursive: true })
  })

  it('read the three forms of HOLDFAST_TLS and refuse others', () => {
    assert.deepEqual(readSettings({ HOLDFAST_TLS: 'a.pem, b.pem' }).tls, { kind: 'files', cert: 'a.pem', key: 'b.pem' })
    for (const text of ['on', 'a.pem', 'a,b,c', ','])
      assert.throws(() => readSettings({ HOLDFAST_TLS: text }), { code: 'HF_OPTION_INVALID' })
  })

  it('say how letters leave: by a server, or on this machine into a folder, and elsewhere not at all until somebody says so', () => {
    const mail = (environment: Record<string, string>) => readSettings(environment).mail
    const elsewhere = { HOLDFAST_ORIGIN: 'https://app.example' }
    assert.equal(mail(elsewhere), undefined)
    assert.equal(mail({ HOLDFAST_MAIL: 'none' }), undefined)
    assert.deepEqual(mail({ ...elsewhere, HOLDFAST_MAIL: 'console', HOLDFAST_MAIL_FROM: 'Acme <a@b.example>' }), {
      from: 'Acme <a@b.example>',
      transport: 'console',
    })
    const url = 'smtps://user:s3cret@mail.example'
    const { from, transport } = mail({ ...elsewhere, HOLDFAST_MAIL: url })!
    assert.equal(from, 'noreply@app.example')
    assert.ok(transport instanceof Secret && transport.reveal() === url)
    for (const text of ['mail.example', 'http://mail.example', 's3cret']) {
      assert.throws(
        () => mail({ HOLDFAST_MAIL: text }),
        (error: Error) => /HOLDFAST_MAIL/.test(error.message) && !error.message.includes(text),
      )
    }
  })

  it('refuse ports that are none', () => {
    for (const PORT of ['-1', '65536', '8e3', '80 80'])
      assert.throws(() => readSettings({ PORT }), { code: 'HF_OPTION_INVALID' }, PORT)
  })

  it('refuse what is misspelt or said twice', () => {
    assert.throws(() => readSettings({ HOLDFAST_ORIGN: 'https://x.example' }), { message: /Did you mean "HOLDFAST_ORIGIN"/ })
    assert.throws(() => readSettings({ HOLDFAST_KEYS: 'a', HOLDFAST_KEYS_FILE: 'b' }), { message: /both set/ })
    assert.doesNotThrow(() => readSettings({ HOLDFAST_TEST_REQUIRE: '1', PATH: '/bin' }))
  })

  it('are all described', () => {
    for (const name of Object.keys(SETTINGS)) assert.ok(describeSettings().includes(name), name)
  })
})

describe('the origin', () => {
  it('is https, or http on loopback', () => {
    assert.deepEqual(readSite('https://App.Example:8443'.toLowerCase()), {
      origin: 'https://app.example:8443',
      hostname: 'app.example',
      port: 8443,
      secure: true,
      local: false,
    })
    assert.equal(readSite('http://localhost:3000').local, true)
    assert.throws(() => readSite('http://app.example'), { code: 'HF_OPTION_INVALID', message: /Use https/ })
  })

  it('is nothing but an origin', () => {
    for (const text of [
      undefined,
      '',
      'app.example',
      'https://app.example/',
      'https://a@app.example',
      'null',
      'https://a.example, https://b.example',
      'ftp://app.example',
    ]) {
      assert.throws(() => readSite(text), { code: 'HF_OPTION_INVALID' }, String(text))
    }
  })

  it('take a provider whole or not at all, its secret also from a file', () => {
    const whole = { HOLDFAST_OIDC_ISSUER: 'https://id.example', HOLDFAST_OIDC_CLIENT_ID: 'a', HOLDFAST_OIDC_CLIENT_SECRET: 'b' }
    const { oidc } = readSettings(whole)
    assert.deepEqual([oidc?.issuer, oidc?.clientId, oidc?.clientSecret.reveal()], ['https://id.example', 'a', 'b'])
    for (const name of Object.keys(whole)) {
      const lacking = Object.fromEntries(Object.entries(whole).filter(([other]) => other !== name))
      assert.throws(() => readSettings(lacking), { code: 'HF_OPTION_INVALID', message: new RegExp(name) })
    }
  })
})
