/**
 * Certificate files that are read again when they change, as another program renews them. A half-written pair is not served: the one
 * from before stays until both files belong together.
 */
import { watch, type FSWatcher } from 'node:fs'
import { dirname } from 'node:path'
import { certificateFiles, type CertificateFiles, type CertificateFilesOptions } from './files.ts'
import { createChanges, type CertificateSource, type Report } from './source.ts'

export interface WatchedFilesOptions extends CertificateFilesOptions {
  /** Hears what was loaded and what was refused: `holdfast.emit`. @default nobody does */
  readonly report?: Report
  /** Milliseconds between two looks at the files. Watching alone misses changes on network disks. @default 60000 */
  readonly every?: number
}

export interface WatchedFiles extends CertificateSource {
  /** The pair that is served. */
  current(): CertificateFiles
  /** Looks now, as on SIGHUP. */
  look(): Promise<void>
}

const DAY = 86_400_000
/** Both files are written within this time, or it is tried again at the next change. */
const SETTLE = 250

/** Reads both files, as `certificateFiles`, and follows them from then on. Throws for what is wrong at first; later that is reported. */
export async function watchedFiles(certPath: string, keyPath: string, options: WatchedFilesOptions = {}): Promise<WatchedFiles> {
  const { report = () => {}, every = 60_000, now = Date.now } = options
  let pair = await certificateFiles(certPath, keyPath, options)
  let [refused, warned, exposed] = ['', 0, false]
  let looking: Promise<void> | undefined
  const { onChange, tell } = createChanges()

  async function read(): Promise<void> {
    try {
      const found = await certificateFiles(certPath, keyPath, options)
      refused = ''
      expose(found)
      if (found.cert !== pair.cert || found.key !== pair.key) {
        pair = found
        report({ type: 'tls_certificate_loaded', data: { names: pair.names, expires: new Date(pair.expires).toISOString() } })
        tell()
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      // Said once for each thing that is wrong, not at every look.
      if (reason !== refused) report({ type: 'tls_certificate_refused', data: { reason } })
      refused = reason
    }
    warn()
  }

  /** Whoever reads the key is this server to everybody. It is served all the same: mounts of Kubernetes are readable unless told otherwise. */
  function expose({ keyIsWorldReadable: open }: CertificateFiles): void {
    if (open && !exposed)
      report({ type: 'tls_key_exposed', data: { path: keyPath, fix: `chmod o-rwx ${JSON.stringify(keyPath)}` } })
    exposed = open
  }

  function warn(): void {
    const left = pair.expires - now()
    if (left > (pair.expires - pair.begins) / 6 || now() - warned < DAY) return
    warned = now()
    report({ type: 'tls_certificate_expiring', data: { names: pair.names, days: Math.floor(left / DAY) } })
  }

  expose(pair)
  const look = (): Promise<void> => (looking ??= read().finally(() => (looking = undefined)))
  const later = setTimeout(() => void look(), SETTLE).unref()
  const watchers = [...new Set([dirname(certPath), dirname(keyPath)])].flatMap((folder) =>
    watchFolder(folder, () => later.refresh()),
  )
  const timer = setInterval(() => void look(), every).unref()
  return {
    current: () => pair,
    pairs: () => [pair],
    onChange,
    look,
    async stop() {
      for (const watcher of watchers) watcher.close()
      clearInterval(timer)
      clearTimeout(later)
      await looking
    },
  }
}

/** The folder, because a renewed file is mostly another file of the same name. Where it cannot be watched, the looks remain. */
function watchFolder(folder: string, changed: () => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, changed)
    watcher.on('error', () => watcher.close())
    return [watcher]
  } catch {
    return []
  }
}
