import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'
import {
  appsPage,
  addressPage,
  choosePasswordPage,
  askMailPage,
  confirmFactorPage,
  confirmLinkPage,
  enrolTotpPage,
  errorPage,
  factorsPage,
  forbiddenPage,
  messagePage,
  newAccountPage,
  passwordPage,
  profilePage,
  mailCodePage,
  mailFactorPage,
  openLinkPage,
  reAuthenticatePage,
  recoverPage,
  recoveryCodesPage,
  secondFactorPage,
  sessionsPage,
  setUpPage,
  signInPage,
  signOutPage,
  signUpPage,
  type PageModel,
  type SessionRow,
} from './index.ts'

const nonce = 'bm9uY2U'
const evil = `"><script>alert(1)</script>'`
const escaped = '&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;'
const now = Date.UTC(2026, 10, 21, 14)

const row = (more: Partial<SessionRow> = {}): SessionRow => ({
  id: 's1',
  device: 'Firefox on Linux',
  address: '203.0.113.7',
  doors: ['password'],
  created: now - 60_000,
  lastSeen: now,
  current: false,
  ...more,
})

/** Every page, as full as it gets, with `text` wherever a model takes text from outside. */
function pages(text: string): Record<string, SafeHtml> {
  const model: PageModel = {
    nonce,
    csrf: { name: '_csrf', token: text },
    base: '/console',
    brand: text,
    next: text,
    login: text,
    notice: text,
    errors: { form: text },
  }
  const fields = { login: text, password: text, code: text, displayName: text, passwordAgain: text, form: text }
  const ids = { errorId: text, requestId: text }
  return {
    signIn: signInPage({ ...model, errors: fields }),
    setUp: setUpPage({ ...model, displayName: text, errors: fields }),
    reAuthenticate: reAuthenticatePage({ ...model, errors: fields, within: text, cancel: text }),
    secondFactor: secondFactorPage({ ...model, errors: fields, cancel: text, lost: text }),
    askMail: askMailPage({ ...model, errors: fields, action: text, holds: 'link' }),
    askedMail: askMailPage({ ...model, action: text, holds: 'link', asked: true }),
    openLink: openLinkPage({ ...model, action: text, askPath: text, state: 'ready', token: text }),
    mailCode: mailCodePage({ ...model, errors: fields, action: text, askPath: text }),
    mailFactor: mailFactorPage({ ...model, errors: fields, path: text, state: 'typing' }),
    factors: factorsPage({ ...model, totpSince: now, recoveryCodesLeft: 2, due: now }),
    enrolTotp: enrolTotpPage({ ...model, errors: fields, secret: text, uri: text, due: now, cancel: text }),
    recoveryCodes: recoveryCodesPage({ ...model, codes: [text], onward: text }),
    confirmFactor: confirmFactorPage({ ...model, act: 'remove' }),
    profile: profilePage({
      ...{ ...model, errors: fields, action: text, exportPath: text, displayName: text, roles: [text] },
      ...{ address: { text, verified: true }, graceDays: 14 },
    }),
    address: addressPage({
      ...{ ...model, errors: fields, action: text, changeAction: text, given: text, address: text },
      ...{ verified: false, mail: true, required: true },
    }),
    signUp: signUpPage({ ...model, errors: { address: text, form: text }, action: text, address: text }),
    newAccount: newAccountPage({
      ...{ ...model, errors: fields, action: text, token: text, address: text, words: text },
      ...{ asksLogin: true, displayName: text },
    }),
    message: messagePage({ ...model, title: text, words: [text], way: { path: text, label: text } }),
    confirmLink: confirmLinkPage({ ...model, title: text, words: [text], action: text, token: text, button: text }),
    choosePassword: choosePasswordPage({ ...model, errors: fields, action: text, token: text, shortest: 15, why: text }),
    password: passwordPage({
      ...{ ...model, errors: { ...fields, current: text }, action: text, asksCurrent: true, shortest: 8 },
      ...{ recoveryDue: now, strength: text, saysStrength: true },
    }),
    recover: recoverPage({ ...model, errors: { who: text }, action: text }),
    signOut: signOutPage({ ...model, cancel: text }),
    sessions: sessionsPage({
      ...model,
      now,
      sessions: [row({ current: true }), row({ id: text, device: text, address: text, doors: [text] })],
    }),
    apps: appsPage({
      ...{ ...model, now },
      apps: [{ id: text, client: text, scopes: [text], address: text, created: now, lastSeen: now, ends: now }],
    }),
    error: errorPage({ nonce, status: 500, title: text, message: text, ...ids, brand: text, home: text, retryAfter: 5 }),
    forbidden: forbiddenPage({ ...model, requestId: text, home: text }),
  }
}

const forms = {
  askMail: 1,
  mailCode: 1,
  mailFactor: 1,
  signIn: 2,
  setUp: 6,
  reAuthenticate: 2,
  secondFactor: 1,
  enrolTotp: 1,
  signUp: 1,
  newAccount: 5,
  signOut: 0,
  sessions: 0,
}

/** The start tags of `name`, as attribute maps. */
function tags(page: SafeHtml, name: string): Map<string, string>[] {
  return [...String(page).matchAll(new RegExp(`<${name}\\b([^>]*)>`, 'g'))].map(([, text = '']) => {
    return new Map([...text.matchAll(/([\w:-]+)(?:="([^"]*)")?/g)].map(([, key = '', value = '']) => [key, value]))
  })
}

const visible = (page: SafeHtml): Map<string, string>[] => tags(page, 'input').filter((input) => input.get('type') !== 'hidden')

describe('every page', () => {
  for (const [name, page] of Object.entries(pages(evil))) {
    it(`escapes what comes from outside: ${name}`, () => {
      assert.ok(String(page).includes(escaped))
      assert.doesNotMatch(String(page), /<script/i)
    })
  }

  for (const [name, page] of Object.entries(pages('javascript:alert(1)'))) {
    it(`follows no script URL, has no script, no handler and no inline style: ${name}`, () => {
      assert.doesNotMatch(String(page), /(?:href|action|src)="javascript:/i)
      assert.doesNotMatch(String(page), /<script|\son\w+=|\sstyle=/i)
    })

    it(`is a document with language, viewport, title, one heading and one main part: ${name}`, () => {
      const text = String(page)
      assert.match(text, /^<!doctype html>\s+<html lang="en">/)
      assert.match(text, /<meta name="viewport" content="width=device-width, initial-scale=1" ?\/?>/)
      assert.match(text, /<title>[^<]+ · javascript:alert\(1\)<\/title>/)
      for (const tag of ['h1', 'main']) assert.equal(tags(page, tag).length, 1, tag)
      assert.equal(tags(page, 'style').length, 1)
      assert.equal(tags(page, 'style')[0]?.get('nonce'), nonce)
      const ids = [...text.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id)
      assert.equal(new Set(ids).size, ids.length, 'ids are unique')
    })
  }

  for (const [name, count] of Object.entries(forms)) {
    const page = pages('text')[name] ?? assert.fail(name)
    it(`has a label, an autofill token and a description for each of the ${count} inputs: ${name}`, () => {
      const inputs = visible(page)
      assert.equal(inputs.length, count)
      const labels = tags(page, 'label').map((label) => label.get('for'))
      assert.deepEqual(
        labels,
        inputs.map((input) => input.get('id')),
      )
      for (const input of inputs) {
        assert.ok(input.get('autocomplete'))
        for (const id of (input.get('aria-describedby') ?? '').split(' ').filter(Boolean))
          assert.ok(String(page).includes(` id="${id}"`), id)
      }
    })

    it(`posts with the token, never asks with GET: ${name}`, () => {
      const posts = tags(page, 'form')
      assert.ok(posts.length > 0)
      for (const form of posts) assert.equal(form.get('method'), 'post')
      const tokens = tags(page, 'input').filter((input) => input.get('name') === '_csrf')
      assert.deepEqual(
        tokens.map((token) => token.get('value')),
        posts.map(() => 'text'),
      )
    })

    it(`never renders a password or a code again: ${name}`, () => {
      const secrets = visible(page).filter((input) => input.get('type') === 'password' || input.get('name') === 'code')
      for (const input of secrets) assert.equal(input.has('value'), false)
    })
  }
})

describe('the sign-in page', () => {
  const model = { nonce, csrf: undefined, base: '' }

  it('has the autofill tokens password managers look for', () => {
    assert.deepEqual(
      visible(signInPage(model)).map((input) => input.get('autocomplete')),
      ['username', 'current-password'],
    )
  })

  it('has no hidden fields when there is nothing to hide', () => {
    assert.equal(tags(signInPage(model), 'input').length, 2)
    assert.equal(tags(signInPage(model), 'form')[0]?.get('action'), '/sign-in')
  })

  it('keeps what was typed as name, and where to go', () => {
    const page = signInPage({ ...model, login: 'mira', next: '/notes' })
    assert.equal(
      tags(page, 'input')
        .find((input) => input.get('name') === 'login')
        ?.get('value'),
      'mira',
    )
    assert.equal(
      tags(page, 'input')
        .find((input) => input.get('name') === 'next')
        ?.get('value'),
      '/notes',
    )
  })

  it('says what is wrong in the title, at the top, and at the field', () => {
    const page = signInPage({ ...model, errors: { password: 'Enter your password.' } })
    const text = String(page)
    assert.match(text, /<title>Error: Sign in/)
    assert.match(text, /<div class="alert error" role="alert">.*<a href="#password">Enter your password\.<\/a>/s)
    const password = visible(page).find((input) => input.get('name') === 'password')
    assert.equal(password?.get('aria-invalid'), 'true')
    assert.equal(password?.get('aria-describedby'), 'password-error')
    assert.equal(visible(page)[0]?.has('aria-invalid'), false)
  })

  it('shows no error and no notice when there is none', () => {
    assert.doesNotMatch(String(signInPage({ ...model, errors: {} })), /role="alert"|role="status"|Error:/)
  })
})

describe('the set-up page', () => {
  it('asks for code, names and the password twice, with the length the policy wants', () => {
    const inputs = visible(setUpPage({ nonce, csrf: undefined, base: '', passwordLength: 12 }))
    assert.deepEqual(
      inputs.map((input) => input.get('name')),
      ['code', 'login', 'displayName', 'address', 'password', 'passwordAgain'],
    )
    const tokens = ['one-time-code', 'username', 'name', 'email', 'new-password', 'new-password']
    assert.deepEqual(
      inputs.map((input) => input.get('autocomplete')),
      tokens,
    )
    assert.equal(inputs[4]?.get('minlength'), '12')
    assert.equal(inputs[4]?.has('maxlength'), false, 'a browser would cut a long password without a word')
  })
})

describe('the page that asks for the password again', () => {
  it('shows the name so that a password manager finds the entry, and does not let it be changed', () => {
    const inputs = visible(reAuthenticatePage({ nonce, csrf: undefined, base: '', login: 'mira' }))
    assert.equal(inputs[0]?.get('value'), 'mira')
    assert.equal(inputs[0]?.has('readonly'), true)
  })
})

describe('the page of sessions', () => {
  const model = { nonce, csrf: undefined, base: '/c', now }

  it('marks this session and has a button with its own name at each', () => {
    const text = String(
      sessionsPage({ ...model, sessions: [row({ current: true }), row({ id: 's2', device: 'Safari on iPhone' })] }),
    )
    assert.equal(text.match(/This session/g)?.length, 1)
    assert.match(text, /<input type="hidden" name="session" value="s2" ?\/?>/)
    assert.match(text, /End<span class="sr"> the session of Safari on iPhone, 203\.0\.113\.7<\/span>/)
  })

  it('says by which doors each was opened', () => {
    const text = String(sessionsPage({ ...model, sessions: [row({ doors: ['magic-link', 'totp'] })] }))
    assert.match(text, /<\/time> by\s+magic link, authenticator app\s/)
  })

  it('offers to end all others only when there are others', () => {
    assert.doesNotMatch(String(sessionsPage({ ...model, sessions: [row({ current: true })] })), /end-others/)
    assert.match(
      String(sessionsPage({ ...model, sessions: [row({ current: true }), row()] })),
      /action="\/c\/sessions\/end-others"/,
    )
  })

  it('says so when there is none', () => {
    const page = sessionsPage({ ...model, sessions: [] })
    assert.match(String(page), /There are no sessions/)
    assert.equal(tags(page, 'form').length, 0)
  })
})

describe('the error page', () => {
  it('has a heading and a sentence for every status, and 500 for what is none', () => {
    for (let status = 400; status < 600; status++) {
      assert.match(
        String(errorPage({ nonce, status })),
        new RegExp(`>${status}</span></p>\\s*<h1>[A-Z].+</h1>\\s*<p class="muted">\\s*[A-Z]`),
      )
    }
    for (const status of [0, 200, 399, 600, Number.NaN, 404.5]) assert.match(String(errorPage({ nonce, status })), />500</)
  })

  it('shows the ids it is given and nothing when there are none', () => {
    assert.match(String(errorPage({ nonce, status: 500, errorId: 'err_1', requestId: 'req_1' })), /err_1.*req_1/s)
    assert.doesNotMatch(String(errorPage({ nonce, status: 500 })), /<dl/)
  })

  it('says in words when to try again', () => {
    const wait = (retryAfter: number): string => String(errorPage({ nonce, status: 429, retryAfter }))
    const words = [
      [0, '1 second'],
      [95, '95 seconds'],
      [600, '10 minutes'],
      [86_400, '24 hours'],
      [Infinity, 'a while'],
    ] as const
    for (const [seconds, text] of words) assert.match(wait(seconds), new RegExp(`Try again in ${text}\\.`))
  })
})

describe('layout', () => {
  it('has a bar with links, and a way past it', () => {
    const text = String(
      layout({ title: 'Notes', nonce, body: html`<h1>Notes</h1>`, brand: 'Acme', home: '/app', nav: html`<a href="/x">X</a>` }),
    )
    assert.match(text, /<body>\s*<a class="skip" href="#main">/)
    assert.match(text, /<a class="brand" href="\/app">.*Acme<\/a>\s*<nav aria-label="Main"><a href="\/x">X<\/a><\/nav>/s)
    assert.match(text, /<main class="page" id="main" tabindex="-1"><h1>Notes<\/h1><\/main>/)
  })

  it('refuses a nonce that would leave the page without style', () => {
    assert.throws(() => layout({ title: 'x', nonce: '', body: html`x` }), TypeError)
  })
})
