import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Hooks } from './control.ts'
import { createEngine } from './engine.ts'
import { createBus } from './bus.ts'
import type { SecurityEvent } from './events.ts'
import { answer, deny } from './reply.ts'

const inbound = {
  method: 'GET',
  target: '/',
  peer: '',
  encrypted: true,
  httpVersion: '1.1',
  upgrade: false,
  rawHeaders: [],
  header: () => undefined,
  stream: undefined,
}

async function run(hooks: Hooks[]) {
  const faults: unknown[] = []
  const events: SecurityEvent[] = []
  const bus = createBus(
    () => 7,
    (error) => assert.fail(String(error)),
  )
  bus.on((event) => void events.push(event))
  const engine = createEngine(hooks, {
    now: () => 0,
    emit: bus.emitter('engine'),
    render: (_x, reply) => ({ status: reply.status, head: {}, body: '', close: false }),
    onFault: (fault) => void faults.push(fault),
  })
  const x = engine.open(inbound)
  const entered = engine.enter(x)
  const reply = await entered
  engine.leave(x)
  engine.leave(x)
  return { reply, faults, events, head: [...x.head.keys()], synchronous: !(entered instanceof Promise) }
}

const mark = (name: string): Hooks => ({ enter() {}, leave: (x) => void x.head.set(name, '') })

describe('the engine', () => {
  it('closes the door when a control throws, and says so on the bus', async () => {
    const { reply, faults, events } = await run([
      {
        enter() {
          throw new TypeError('bug')
        },
      },
      { enter: () => assert.fail('went on') },
    ])
    assert.equal(reply?.status, 500)
    assert.equal(faults.length, 1)
    assert.deepEqual(
      events.map(({ type, data }) => [type, data?.['error']]),
      [['sys_crash', 'TypeError']],
    )
  })

  it('closes the door when a control rejects', async () => {
    const { reply } = await run([{ enter: () => Promise.reject(new Error('bug')) }])
    assert.equal(reply?.status, 500)
  })

  it('leaves exactly what it entered, last first, once', async () => {
    const { head, reply } = await run([mark('a'), mark('b'), { enter: () => Promise.resolve(deny(403, 'no')) }, mark('never')])
    assert.deepEqual(head, ['b', 'a'])
    assert.equal(reply?.denial?.code, 'no')
  })

  it('still dresses the response when one leave throws', async () => {
    const broken: Hooks = {
      leave() {
        throw new Error('bug')
      },
    }
    const { head, faults } = await run([mark('a'), broken, mark('c')])
    assert.deepEqual(head, ['c', 'a'])
    assert.equal(faults.length, 1)
  })

  it('stays synchronous when no control waits', async () => {
    assert.equal((await run([mark('a'), mark('b')])).synchronous, true)
    assert.equal((await run([{ enter: () => answer(204) }])).synchronous, true)
    assert.equal((await run([{ enter: () => Promise.resolve() }, mark('b')])).synchronous, false)
  })
})

describe('the bus', () => {
  it('loses nothing for the others when one listener throws', () => {
    const faults: unknown[] = []
    const bus = createBus(
      () => 7,
      (error) => void faults.push(error),
    )
    const heard: SecurityEvent[] = []
    bus.on(() => {
      throw new Error('deaf')
    })
    const off = bus.on((event) => void heard.push(event))
    bus.emitter('test')({ type: 'authz_fail' })
    off()
    bus.emitter('test')({ type: 'authz_fail' })
    assert.deepEqual(heard, [{ type: 'authz_fail', level: 'warn', control: 'test', time: 7 }])
    assert.equal(faults.length, 2)
  })
})
