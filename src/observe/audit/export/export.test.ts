/** Formats of export: each field in its place, and nothing that a client chose leaves it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EVENTS, type EventType } from '../../../engine/events.ts'
import type { AuditEvent } from '../types.ts'
import { FORMATS } from './index.ts'

const HOST = { host: 'app.example' }
const event: AuditEvent = {
  id: 'w/security#7',
  chain: 'w/security',
  seq: 7,
  time: Date.UTC(2026, 0, 2),
  type: 'authn_login_fail',
  class: 'security',
  level: 'warn',
  control: 'accounts',
  requestId: 'r1',
  client: '192.0.2.1',
  method: 'POST',
  path: '/login',
  data: { userId: 'ada', door: 'password' },
}
const of = (name: string) => FORMATS.find((format) => format.name === name)!
const json = (name: string, one = event) => JSON.parse(of(name).line(one, HOST)) as any
/** What separates something in one of the formats, or is more than a character to somebody. */
const HOSTILE = 'a|b=c\\d,"e"\r\n<14>1 - CEF:0|x\u2028\u0085\u001b[2J'

describe('an export', () => {
  it('keeps every event on one line, whatever a client sent', () => {
    for (const format of FORMATS) {
      const line = format.line({ ...event, path: HOSTILE, principal: HOSTILE, data: { userId: HOSTILE } }, { host: HOSTILE })
      assert.doesNotMatch(line, format.name === 'csv' || format.name === 'cef' ? /[\p{Cc}\u2028]/u : /[\t\n\r\v\f]/, format.name)
    }
  })

  it('as CSV has no cell that a spreadsheet takes for a formula', () => {
    for (const formula of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '"=1', "'=1", '|cmd', '%0A=1']) {
      const cells = of('csv').line({ ...event, path: formula, client: formula }, HOST)
      assert.doesNotMatch(cells, /(?:^|,)"?[\s"]*[=+\-@|%]/, formula)
    }
    assert.equal(of('csv').line(event, HOST).split(',').length >= of('csv').head!.split(',').length, true)
    assert.match(of('csv').line(event, HOST), /"\{""userId"":""ada"",""door"":""password""\}"/)
  })

  it('as CEF escapes what separates: seven bars in the head, and only our keys', () => {
    const line = of('cef').line(
      { ...event, path: '/x act=allowed suid=root', principal: 'a=b|c\\', data: { userId: HOSTILE } },
      HOST,
    )
    const message = line.slice(line.indexOf('CEF:0'))
    assert.equal(message.slice(0, message.indexOf('rt=')).match(/(?<!\\)\|/g)!.length, 7)
    const keys = [...message.matchAll(/(?<= |\|)([A-Za-z0-9]+)(?<!\\)=/g)].map(([, key]) => key)
    assert.deepEqual(keys, [
      'rt',
      'externalId',
      'cat',
      'outcome',
      'src',
      'suid',
      'duid',
      'requestMethod',
      'request',
      'cs1',
      'cs1Label',
      'cs2',
      'cs2Label',
      'msg',
    ])
    assert.match(
      line,
      /^<108>1 2026-01-02T00:00:00\.000Z app\.example holdfast - authn_login_fail - CEF:0\|Holdfast\|Holdfast\|1\|authn_login_fail\|/,
    )
    assert.match(of('cef').line({ ...event, client: '2001:db8::1' }, HOST), /c6a2=2001:db8::1 c6a2Label=/)
  })

  it('as OCSF is of a class, and type_uid is its class and activity', () => {
    const login = json('ocsf')
    assert.deepEqual(
      [login.class_uid, login.activity_id, login.type_uid, login.category_uid, login.status_id],
      [3002, 1, 300201, 3, 2],
    )
    assert.deepEqual(
      [login.user, login.src_endpoint, login.service],
      [{ uid: 'ada' }, { ip: '192.0.2.1' }, { name: 'app.example' }],
    )
    for (const type of Object.keys(EVENTS) as EventType[]) {
      const one = json('ocsf', { ...event, type })
      for (const name of ['activity_id', 'category_uid', 'class_uid', 'metadata', 'severity_id', 'time', 'type_uid'])
        assert.ok(one[name] !== undefined, `${type}: ${name} is required of every event`)
      assert.equal(one.type_uid, one.class_uid * 100 + one.activity_id)
      assert.equal(one.category_uid, Math.floor(one.class_uid / 1000))
      assert.ok(one.metadata.product.vendor_name && one.metadata.version)
      if ([3001, 3002, 3005].includes(one.class_uid)) assert.ok(one.user.uid, 'these require a user')
      if (one.class_uid === 3005) assert.ok(Array.isArray(one.privileges))
    }
  })

  it('as ECS has only values that the schema allows', () => {
    const login = json('ecs')
    assert.deepEqual(
      [login['@timestamp'], login.event.action, login.event.outcome],
      ['2026-01-02T00:00:00.000Z', 'authn_login_fail', 'failure'],
    )
    assert.deepEqual(
      [login.client.ip, login.user.id, login.url.path, login.http.request.id],
      ['192.0.2.1', 'ada', '/login', 'r1'],
    )
    const CATEGORIES =
      'api authentication configuration database driver email file host iam intrusion_detection library malware network package process registry session threat vulnerability web'
    const TYPES =
      'access admin allowed change connection creation deletion denied device end error group indicator info installation protocol start user'
    for (const type of Object.keys(EVENTS) as EventType[]) {
      const { category, type: kinds, kind, outcome } = json('ecs', { ...event, type }).event
      assert.ok(
        category.every((one: string) => CATEGORIES.split(' ').includes(one)),
        `${type}: ${category}`,
      )
      assert.ok(
        kinds.every((one: string) => TYPES.split(' ').includes(one)),
        `${type}: ${kinds}`,
      )
      assert.ok(kind === 'event' && ['success', 'failure', 'unknown'].includes(outcome))
    }
  })
})
