/**
 * Metrics as text for scrapers: OpenMetrics 1.0, or the older format of Prometheus for those who ask for nothing else.
 * Sources: https://prometheus.io/docs/specs/om/open_metrics_spec/, https://prometheus.io/docs/instrumenting/exposition_formats/.
 */
import { prefers } from '../../http/accept.ts'
import type { Distribution, Family } from './types.ts'

const OPEN_METRICS = 'application/openmetrics-text'
const PLAIN = 'text/plain'
const UNITS = ['seconds', 'bytes', 'ratio'] as const

/** `accept`: what the scraper sent. Both formats are understood by every Prometheus; without preference it is the older one. */
export function renderText(
  families: readonly Family[],
  accept: string | undefined,
): { readonly type: string; readonly body: string } {
  const open = prefers(accept, [PLAIN, OPEN_METRICS]) === OPEN_METRICS
  const lines = families.filter(({ samples }) => samples.length > 0).flatMap((family) => linesOf(family, open))
  return {
    type: open ? `${OPEN_METRICS}; version=1.0.0; charset=utf-8` : `${PLAIN}; version=0.0.4; charset=utf-8`,
    body: `${lines.join('\n')}\n${open ? '# EOF\n' : ''}`,
  }
}

function linesOf(family: Family, open: boolean): string[] {
  const { kind, name, help } = family
  // OpenMetrics names a counter without the suffix that its samples have.
  const shown = open && kind === 'counter' ? name.slice(0, -'_total'.length) : name
  const unit = open ? UNITS.find((word) => shown.endsWith(`_${word}`)) : undefined
  return [
    `# HELP ${shown} ${escapeHelp(help, open)}`,
    `# TYPE ${shown} ${kind}`,
    ...(unit === undefined ? [] : [`# UNIT ${shown} ${unit}`]),
    ...family.samples.flatMap(([values, value]) => samplesOf(family, values, value, open)),
  ]
}

function samplesOf(
  { name, labels, buckets }: Family,
  values: readonly string[],
  value: number | Distribution,
  open: boolean,
): string[] {
  const pairs = labels.map((label, index) => `${label}="${escapeLabel(values[index]!)}"`)
  if (typeof value === 'number') return [`${name}${braces(pairs)} ${numberText(value)}`]
  let below = 0
  const lines = value.counts.map((count, index) => {
    below += count
    const bound = buckets[index]
    return `${name}_bucket${braces([...pairs, `le="${bound === undefined ? '+Inf' : boundText(bound, open)}"`])} ${below}`
  })
  return [...lines, `${name}_sum${braces(pairs)} ${numberText(value.sum)}`, `${name}_count${braces(pairs)} ${value.count}`]
}

function braces(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

/** OpenMetrics writes bounds as floats always, so that `1` and `1.0` are no two series. */
function boundText(bound: number, open: boolean): string {
  return open && Number.isInteger(bound) ? `${bound}.0` : String(bound)
}

function escapeHelp(text: string, open: boolean): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return open ? escaped.replaceAll('"', '\\"') : escaped
}

function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')
}
