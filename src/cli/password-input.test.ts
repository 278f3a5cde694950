import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { readPassword, type Input } from './password-input.ts'

/** A terminal that types: each answer is sent when the prompt before it was shown. */
function terminal(answers: readonly (string | readonly string[])[]) {
  const raw: boolean[] = []
  const shown: string[] = []
  const stream = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => void raw.push(on) })
  let next = 0
  function prompt(text: string): void {
    shown.push(text)
    assert.equal(raw.at(-1), true, 'a prompt means that nothing is shown any more')
    if (text === '\n') return
    const answer = answers[next++]
    setImmediate(() => {
      for (const part of typeof answer === 'string' ? [answer] : (answer ?? [])) stream.write(part)
    })
  }
  return { input: stream as Input, prompt, raw, shown }
}

describe('readPassword on a terminal', () => {
  it('asks twice, shows nothing of it, and leaves the terminal as it was', async () => {
    const t = terminal(['secret words\r', 'secret words\r'])
    assert.equal((await readPassword(t.input, t.prompt)).reveal(), 'secret words')
    assert.deepEqual(t.raw, [true, false], 'raw from before the first prompt until after the last answer')
    assert.deepEqual(t.shown, ['Password: ', '\n', 'Again: ', '\n'])
  })

  it('knows backspace, the erased line and keys that mean nothing', async () => {
    const t = terminal([['wrong', '\x15', 'pass\x1b'.slice(0, 4), '\x1b[A', 'wx', '\x7f', 'ört', '\b', 't\n'], 'passwört\n'])
    assert.equal((await readPassword(t.input, t.prompt)).reveal(), 'passwört')
  })

  it('takes both answers out of one paste', async () => {
    const t = terminal(['secret words\rsecret words\r'])
    assert.equal((await readPassword(t.input, t.prompt)).reveal(), 'secret words')
  })

  it('refuses two that differ, nothing, and Ctrl-C', async () => {
    for (const [answers, message] of [
      [['one\r', 'two\r'], /not the same/],
      [['\r', '\r'], /No password was given/],
      [['abc\x03'], /Given up/],
      [['\x04'], /Given up/],
    ] as const) {
      const t = terminal(answers)
      await assert.rejects(readPassword(t.input, t.prompt), message)
      assert.equal(t.raw.at(-1), false)
    }
  })
})

describe('readPassword from standard input', () => {
  const read = (...chunks: (string | Buffer)[]) => {
    const input = new PassThrough()
    for (const chunk of chunks) input.write(chunk)
    input.end()
    return readPassword(input, () => assert.fail('nobody to ask'))
  }

  it('takes the first line, in pieces or with CRLF', async () => {
    assert.equal((await read('pass', 'wörd\r\nnext')).reveal(), 'passwörd')
    assert.equal((await read(Buffer.from('pä').subarray(0, 2), Buffer.from('pä').subarray(2))).reveal(), 'pä')
    assert.equal((await read(' with spaces ')).reveal(), ' with spaces ')
  })

  it('refuses nothing, too much, and bytes that are no text', async () => {
    await assert.rejects(read(''), /No password was given/)
    await assert.rejects(read('x'.repeat(8193)), /longer than 8192 bytes/)
    await assert.rejects(read(Buffer.from([0xff, 0xfe, 0x0a])), /not UTF-8/)
  })
})
