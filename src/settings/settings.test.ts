import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { Secret } from '../crypto/secret.ts'
import { describeSettings, readSettings, SETTINGS } from './settings.ts'
import { readSite } from './site.ts'
import { generateKey } from '../crypto/keyring.ts'
import { readSecretsFile } from '../secrets/secrets-file.ts'

const CLIENT_SECRET = 'GOCSPX-8fJk2mQ9xLr4Tz7Vb1Nc'

describe('the sealed file', () => {
  it('gives the secrets that the environment does not set, and stops the start when it cannot be read', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-settings-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const [key, ring, other] = [generateKey(), generateKey('file'), generateKey('environment')]
    const file = join(folder, 'holdfast.secrets')
    writeFileSync(file, readSecretsFile('', key).set('HOLDFAST_KEYS', ring).set('PORT', '1').text)
    const environment = { HOLDFAST_SECRETS_KEY: key, HOLDFAST_SECRETS: file }
    assert.equal(readSettings(environment).keys?.reveal(), ring)
    assert.equal(readSettings(environment).port, 8443)
    assert.equal(readSettings({ ...environment, HOLDFAST_KEYS: other }).keys?.reveal(), other)
    assert.throws(
      () => readSettings({ ...environment, HOLDFAST_SECRETS_KEY: generateKey() }),
      /was sealed by a key that is not in/,
    )
    assert.throws(() => readSettings({ ...environment, HOLDFAST_SECRETS: join(folder, 'none') }), { code: 'HF_OPTION_INVALID' })
    assert.throws(() => readSettings({ HOLDFAST_SECRETS: file }), /HOLDFAST_SECRETS_KEY/) // it would be passed over
  })

  it('and the environment are refused when a secret is weak or stands under two names, without saying it', () => {
    const provider = { HOLDFAST_OIDC_ISSUER: 'https://id.example', HOLDFAST_OIDC_CLIENT_ID: 'a' }
    for (const weak of ['hunter2', 'changeme-changeme', 'aaaaaaaaaaaaaaaaaaaa'])
      assert.throws(
        () => readSettings({ ...provider, HOLDFAST_OIDC_CLIENT_SECRET: weak }),
        (error: Error) =>
          /HOLDFAST_OIDC_CLIENT_SECRET (?:has|contains|repeats)/.test(error.message) && !error.message.includes(weak),
      )
    const key = generateKey()
    assert.throws(
      () => readSettings({ HOLDFAST_KEYS: key, HOLDFAST_PEPPER: key }),
      (error: Error) => error.message.includes('HOLDFAST_KEYS and HOLDFAST_PEPPER are the same') && !error.message.includes(key),
    )
    // Under another id, and behind another key of the ring, it is the same key.
    assert.throws(
      () => readSettings({ HOLDFAST_KEYS: `${generateKey()},a:${key.split(':')[1]!}`, HOLDFAST_PEPPER: key }),
      /Key 2 of HOLDFAST_KEYS and HOLDFAST_PEPPER are the same/,
    )
  })
})

describe('settings', () => {
  it('have defaults with which the example starts', () => {
    assert.deepEqual(readSettings({}), {
      port: 8443,
      data: '.holdfast',
      databaseUrl: undefined,
      redisUrl: undefined,
      origin: 'https://localhost:8443',
      tls: { kind: 'local' },
      httpPort: undefined,
      trustedProxies: [],
      keys: undefined,
      pepper: undefined,
      mail: { from: 'noreply@localhost', transport: { file: join('.holdfast', 'mail') } },
      oidc: undefined,
      alerts: { mail: [], webhook: undefined },
      metricsToken: undefined,
      log: 'stdout',
    })
  })

  it('take a webhook whole or not at all, and addresses with commas between', () => {
    const url = 'https://hooks.app.example/x'
    const { alerts } = readSettings({
      HOLDFAST_ALERT_WEBHOOK: url,
      HOLDFAST_ALERT_WEBHOOK_SECRET: 'whsec_x',
      HOLDFAST_ALERT_MAIL: 'a@b.example, c@d.example',
    })
    assert.deepEqual([alerts.mail, alerts.webhook?.url.reveal()], [['a@b.example', 'c@d.example'], url])
    assert.throws(() => readSettings({ HOLDFAST_ALERT_WEBHOOK: url }), /HOLDFAST_ALERT_WEBHOOK_SECRET.*Set both/)
    assert.throws(() => readSettings({ HOLDFAST_ALERT_WEBHOOK_SECRET: 'whsec_x' }), /HOLDFAST_ALERT_WEBHOOK is.*Set both/)
  })

  it('take a secret from a file, without the line end that editors add', () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-settings-'))
    writeFileSync(join(folder, 'keys'), 'k1:abc\n')
    assert.equal(readSettings({ HOLDFAST_KEYS_FILE: join(folder, 'keys') }).keys?.reveal(), 'k1:abc')
    assert.throws(() => readSettings({ HOLDFAST_KEYS_FILE: join(folder, 'none') }), {
      code: 'HF_OPTION_INVALID',
      message: /cannot be read/,
    })
    writeFileSync(join(folder, 'empty'), '\n')
    writeFileSync(join(folder, 'huge'), 'x'.repeat(1024 * 1024 + 1))
    execFileSync('mkfifo', [join(folder, 'pipe')]) // nobody writes into it: reading would wait for ever
    for (const [file, why] of [
      ['empty', /is empty/],
      ['huge', /more than any secret/],
      ['pipe', /is a pipe/],
      ['.', /is a folder/],
      ['/dev/zero', /a device/],
    ] as const)
      assert.throws(() => readSettings({ HOLDFAST_DATABASE_URL_FILE: resolve(folder, file) }), {
        code: 'HF_OPTION_INVALID',
        message: why,
      })
    rmSync(folder, { recursive: true })
  })

  it('read what ACME needs, and refuse it without an agreement, or where it says nothing', () => {
    const acme = { HOLDFAST_TLS: 'acme', HOLDFAST_ACME_TERMS: 'agreed', HOLDFAST_ORIGIN: 'https://app.example.org' }
    assert.deepEqual(
      readSettings({ ...acme, HOLDFAST_ACME_NAMES: 'www.example.org', HOLDFAST_ACME_CONTACT: 'a@b.org, c@d.org' }).tls,
      {
        kind: 'acme',
        names: ['app.example.org', 'www.example.org'],
        directory: 'letsencrypt',
        contact: ['a@b.org', 'c@d.org'],
        outbound: {},
      },
    )
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-settings-'))
    writeFileSync(join(folder, 'ca.pem'), 'the certificates')
    const own = {
      ...{ HOLDFAST_ACME_DIRECTORY: 'https://ca.internal:9000/dir', HOLDFAST_ACME_CA: join(folder, 'ca.pem') },
      ...{ HOLDFAST_ACME_NETWORKS: '10.1.0.0/16, 10.2.0.0/16', HOLDFAST_ACME_INSECURE_LOCAL_UNTIL: '2099-01-01' },
    }
    const read = readSettings({ ...acme, ...own }).tls
    assert.ok(read.kind === 'acme')
    const { ca, networks, insecureAllowHosts } = read.outbound
    assert.deepEqual(
      [ca, networks, insecureAllowHosts?.hosts, insecureAllowHosts?.until],
      ['the certificates', ['10.1.0.0/16', '10.2.0.0/16'], ['ca.internal:9000'], '2099-01-01'],
    )
    rmSync(folder, { recursive: true })
    assert.equal(readSettings({ HOLDFAST_HTTP_PORT: '80' }).httpPort, 80)
    const stray = [
      { HOLDFAST_ACME_CA: 'ca.pem' }, // says something only with HOLDFAST_TLS=acme
      { ...acme, HOLDFAST_ACME_CA: join(folder, 'gone.pem') },
      { ...acme, HOLDFAST_ACME_INSECURE_LOCAL_UNTIL: '2099-01-01' }, // of a public authority nothing is local
    ]
    for (const wrong of [
      { ...acme, HOLDFAST_ACME_TERMS: 'yes' },
      { HOLDFAST_ACME_TERMS: 'agreed' },
      { HOLDFAST_HTTP_PORT: 'x' },
      ...stray,
    ])
      assert.throws(() => readSettings(wrong), { code: 'HF_OPTION_INVALID' })
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
    const whole = {
      HOLDFAST_OIDC_ISSUER: 'https://id.example',
      HOLDFAST_OIDC_CLIENT_ID: 'a',
      HOLDFAST_OIDC_CLIENT_SECRET: CLIENT_SECRET,
    }
    const { oidc } = readSettings(whole)
    assert.deepEqual([oidc?.issuer, oidc?.clientId, oidc?.clientSecret.reveal()], ['https://id.example', 'a', CLIENT_SECRET])
    for (const name of Object.keys(whole)) {
      const lacking = Object.fromEntries(Object.entries(whole).filter(([other]) => other !== name))
      assert.throws(() => readSettings(lacking), { code: 'HF_OPTION_INVALID', message: new RegExp(name) })
    }
  })
})
