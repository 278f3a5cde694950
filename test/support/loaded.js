/**
 * Given with `--import` to a process: writes down at its end what it has loaded, files and parts of Node, into the file that
 * HOLDFAST_TEST_LOADED names. It is JavaScript, so that it loads nothing itself that a start would not.
 */
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const files = new Set()
registerHooks({
  load(url, context, next) {
    files.add(url)
    return next(url, context)
  },
})
// `npm` is a process of Node itself; only what it starts is asked for.
if (process.argv[1]?.endsWith('start.js'))
  process.once('exit', () =>
    writeFileSync(process.env['HOLDFAST_TEST_LOADED'], JSON.stringify({ files: [...files], node: process.moduleLoadList })),
  )
