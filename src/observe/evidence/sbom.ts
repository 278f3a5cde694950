/**
 * The software that ran: a CycloneDX 1.6 document of what npm installed, from the lock file that it leaves beside the packages. No network,
 * nothing is run. Sources: CycloneDX 1.6 (ECMA-424), purl specification (type npm), npm's package-lock.json version 3.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

interface Locked {
  readonly version?: string
  readonly integrity?: string
  readonly license?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
}

interface Lock {
  readonly packages?: Readonly<Record<string, Locked>>
}

export interface Component {
  readonly type: 'library'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly scope: 'required' | 'excluded'
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[]
  readonly licenses?: readonly { readonly expression: string }[]
}

export interface BillOfMaterials {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.6'
  readonly version: 1
  readonly metadata: { readonly timestamp: string; readonly component: object }
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

const ALGORITHMS: Readonly<Record<string, string>> = { sha512: 'SHA-512', sha384: 'SHA-384', sha256: 'SHA-256', sha1: 'SHA-1' }
const RUNTIME = { name: 'node', purl: 'pkg:generic/node' } as const

/** Of the application that stands in this folder or above it; `undefined` where npm left no lock file. */
export function billOfMaterials(folder: string, now: number): BillOfMaterials | undefined {
  const found = findLock(folder)
  if (found === undefined) return undefined
  const packages = Object.entries((readJson(found.lock) as Lock).packages ?? {}).filter(
    ([path, { link, version }]) => path.includes('node_modules/') && link !== true && version !== undefined,
  )
  const refs = new Map(packages.map(([path, { version }]) => [path, purlOf(nameOf(path), version!)]))
  const unique = new Map(packages.map(([path, locked]) => [refs.get(path)!, toComponent(path, locked)]))
  const runtime: Component = {
    ...{ type: 'library', 'bom-ref': RUNTIME.purl, name: RUNTIME.name, version: process.version.slice(1), scope: 'required' },
    purl: `${RUNTIME.purl}@${process.version.slice(1)}`,
  }
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { timestamp: new Date(now).toISOString(), component: applicationOf(found.root) },
    components: [runtime, ...unique.values()],
    dependencies: dependenciesOf(packages, refs),
  }
}

function findLock(start: string): { readonly lock: string; readonly root: string } | undefined {
  for (let root = start; ; root = dirname(root)) {
    // What is installed says more than what was asked for.
    const lock = [join(root, 'node_modules/.package-lock.json'), join(root, 'package-lock.json')].find((file) => existsSync(file))
    if (lock !== undefined) return { lock, root }
    if (dirname(root) === root) return undefined
  }
}

function applicationOf(root: string): object {
  const file = join(root, 'package.json')
  const found = existsSync(file) ? readJson(file) : {}
  const { name = 'application', version = '0.0.0' } = found as { readonly name?: string; readonly version?: string }
  return { type: 'application', 'bom-ref': purlOf(name, version), name, version, purl: purlOf(name, version) }
}

function toComponent(path: string, { version, integrity, license, dev }: Locked): Component {
  const name = nameOf(path)
  const hashes = hashesOf(integrity)
  return {
    type: 'library',
    'bom-ref': purlOf(name, version!),
    name,
    version: version!,
    purl: purlOf(name, version!),
    scope: dev === true ? 'excluded' : 'required',
    ...(hashes.length > 0 && { hashes }),
    ...(license !== undefined && { licenses: [{ expression: license }] }),
  }
}

/** The lock file has base64, CycloneDX wants hexadecimal. */
function hashesOf(integrity = ''): { alg: string; content: string }[] {
  return integrity
    .split(/\s+/)
    .map((one) => /^(sha\d+)-([A-Za-z0-9+/=]+)$/.exec(one))
    .flatMap((match) => {
      const alg = ALGORITHMS[match?.[1] ?? '']
      return match && alg !== undefined ? [{ alg, content: Buffer.from(match[2]!, 'base64').toString('hex') }] : []
    })
}

/** Which installed package each one means: the nearest one above it, as Node resolves it. */
function dependenciesOf(packages: readonly [string, Locked][], refs: ReadonlyMap<string, string>) {
  const byRef = new Map<string, Set<string>>()
  for (const [path, { dependencies = {} }] of packages) {
    const own = byRef.get(refs.get(path)!) ?? new Set<string>()
    byRef.set(refs.get(path)!, own)
    for (const name of Object.keys(dependencies)) {
      const found = resolve(path, name, refs)
      if (found !== undefined) own.add(found)
    }
  }
  return [...byRef].map(([ref, dependsOn]) => ({ ref, dependsOn: [...dependsOn].toSorted() }))
}

function resolve(from: string, name: string, refs: ReadonlyMap<string, string>): string | undefined {
  for (let folder = from; ;) {
    const found = refs.get(folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`)
    if (found !== undefined || folder === '') return found
    const above = folder.lastIndexOf('/node_modules/')
    folder = above < 0 ? '' : folder.slice(0, above)
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

/** `pkg:npm/%40scope/name@1.0.0`. */
function purlOf(name: string, version: string): string {
  const parts = name.split('/').map(encodeURIComponent)
  return `pkg:npm/${parts.join('/')}@${encodeURIComponent(version)}`
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}
