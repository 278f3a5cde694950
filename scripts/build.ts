/**
 * `npm run build [-- folder]`: compiles the package into `dist`, or into another empty or missing folder.
 *
 * Only what is published is compiled: no tests, no contracts, no source maps. Declarations keep the comments of the source. A file that
 * package.json promises and that is not there afterwards fails the build, and so does a command without its first line.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = join(import.meta.dirname, '..')

interface Manifest {
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const [given, ...more] = process.argv.slice(2)
if (more.length > 0) fail('Give one folder, or none for dist.')
const out = given === undefined ? join(root, 'dist') : resolve(given)

// A folder that somebody named may hold something else; only our own is emptied.
if (given === undefined) rmSync(out, { recursive: true, force: true })
else if (existsSync(out) && readdirSync(out).length > 0) fail(`${given} is not empty. Give a new folder.`)

compile()
// Node looks for the kind of each file that it loads, and reads the nearest package.json whole each time: this one is two lines.
copyFileSync(join(root, 'src/package.json'), join(out, 'package.json'))
for (const file of promised()) if (!existsSync(file)) fail(`package.json names ${file}, which was not built.`)
for (const file of Object.values(manifest.bin)) makeExecutable(inOut(file))

function compile(): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { status, error } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', out], {
    cwd: root,
    stdio: 'inherit',
  })
  if (error) fail(`tsc did not start: ${error.message}`)
  if (status !== 0) fail('The source does not compile.')
}

/** What package.json says is in `dist`. */
function promised(): string[] {
  const targets = Object.values(manifest.exports).flatMap((entry) =>
    typeof entry === 'string' ? [] : [entry.types, entry.default],
  )
  return [...targets, ...Object.values(manifest.bin)].map(inOut)
}

/** `./dist/index.js` as it stands in the folder that is built. */
function inOut(path: string): string {
  if (!path.startsWith('./dist/')) fail(`package.json names ${path}, which is outside of dist.`)
  return join(out, path.slice('./dist/'.length))
}

function makeExecutable(file: string): void {
  if (!readFileSync(file, 'utf8').startsWith('#!/usr/bin/env ')) fail(`${file} does not begin with "#!/usr/bin/env node".`)
  chmodSync(file, 0o755)
}

function fail(message: string): never {
  process.stderr.write(`build: ${message}\n`)
  process.exit(1)
}
