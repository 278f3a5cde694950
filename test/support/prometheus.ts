/** A real Prometheus that scrapes what a test serves, and promtool, which says whether text and rules are what they should be. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from './ports.ts'
import { prometheusPath } from './services.ts'

/** Runs promtool; `ok` is whether it found nothing wrong. */
export async function promtool(args: readonly string[], input = ''): Promise<{ readonly ok: boolean; readonly said: string }> {
  const service = await prometheusPath()
  if ('skip' in service) throw new Error(service.skip)
  const path = service.url.replace(/[^/]*$/, 'promtool')
  const { status, stdout, stderr } = spawnSync(path, args, { input, encoding: 'utf8' })
  return { ok: status === 0, said: stdout + stderr }
}

export interface Scraping {
  /** The value of the first sample of an expression, once there is one that `until` takes. */
  value(expression: string, until: (value: number) => boolean): Promise<number>
  stop(): Promise<void>
}

const PATIENCE = 30_000

/** `config`: the lines of its scrape configurations; `rules`: files of rules. */
export async function startPrometheus(scrape: string, rules: readonly string[] = []): Promise<Scraping> {
  const service = await prometheusPath()
  if ('skip' in service) throw new Error(service.skip)
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-prometheus-'))
  const port = await freePort()
  const config = `global: { scrape_interval: 1s, scrape_timeout: 1s }\nrule_files: ${JSON.stringify(rules)}\nscrape_configs:\n${scrape}\n`
  writeFileSync(join(folder, 'prometheus.yml'), config)
  const child = spawn(
    service.url,
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))

  async function ask(expression: string): Promise<number | undefined> {
    if (child.exitCode !== null) throw new Error(`Prometheus ended with ${child.exitCode}: ${said}`)
    const address = `http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(expression)}`
    const response = await fetch(address).catch(() => undefined)
    const answer = (await response?.json()) as { data?: { result: { value: [number, string] }[] } } | undefined
    const sample = answer?.data?.result[0]?.value[1]
    return sample === undefined ? undefined : Number(sample)
  }

  return {
    async value(expression, until) {
      const end = Date.now() + PATIENCE
      for (;;) {
        const value = await ask(expression)
        if (value !== undefined && until(value)) return value
        if (Date.now() > end) throw new Error(`"${expression}" is ${value} after ${PATIENCE} ms. ${said}`)
        await sleep(200)
      }
    },
    async stop() {
      if (child.exitCode === null) {
        const gone = once(child, 'exit')
        child.kill('SIGTERM')
        await gone
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
