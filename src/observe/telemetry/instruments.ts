/** The same numbers as at `/metrics`, through the API of OpenTelemetry: requests as its conventions name them, all else as it is named here. */
import type { Attributes, Meter } from '@opentelemetry/api'
import type { Answers } from '../../engine/answers.ts'
import { Encrypted } from '../../engine/facts.ts'
import { OTHER } from '../metrics/label-sets.ts'
import { methodOf, routeOf } from '../metrics/requests.ts'
import type { Declared, Metrics } from '../metrics/types.ts'

/** Seconds; those that the conventions give. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

export interface InstrumentSetting {
  readonly meter: Meter
  readonly metrics: Metrics
  readonly answers: Answers
  readonly ownPaths: ReadonlySet<string>
}

/** Returns how to stop. */
export function createInstruments({ meter, metrics, answers, ownPaths }: InstrumentSetting): () => void {
  const duration = meter.createHistogram('http.server.request.duration', {
    description: 'Duration of HTTP server requests.',
    unit: 's',
    advice: { explicitBucketBoundaries: BUCKETS },
  })
  meter
    .createObservableUpDownCounter('http.server.active_requests', { description: 'Requests in flight.', unit: '{request}' })
    .addCallback((result) => result.observe(answers.pending))
  metrics.each((metric) => {
    if (carried(metric)) carry(meter, metric)
  })
  return answers.on(({ x, status, time }) => {
    const route = routeOf({ x }, ownPaths)
    const attributes: Attributes = {
      'http.request.method': methodOf(x.method) === OTHER ? '_OTHER' : x.method,
      'http.response.status_code': status,
      'url.scheme': (x.get(Encrypted) ?? x.encrypted) ? 'https' : 'http',
    }
    if (route !== OTHER) attributes['http.route'] = route
    if (status >= 500) attributes['error.type'] = String(status)
    duration.record((x.began === undefined ? Math.max(0, time - x.time) : performance.now() - x.began) / 1000, attributes)
  })
}

/** What the conventions name otherwise is above; the process is the business of other instrumentation; distributions cannot be handed on. */
function carried({ name, kind }: Declared): boolean {
  return kind !== 'histogram' && !/^(?:process|nodejs|holdfast_requests)_/.test(name)
}

function carry(meter: Meter, { kind, name, help, labels, samples }: Declared): void {
  const dotted = name.replace(/_total$/, '').replace('_', '.')
  const unit = /_(seconds|bytes)$/.exec(dotted)?.[1]
  const options = { description: help, ...(unit !== undefined && { unit: unit === 'seconds' ? 's' : 'By' }) }
  const instrument =
    kind === 'counter' ? meter.createObservableCounter(dotted, options) : meter.createObservableGauge(dotted, options)
  instrument.addCallback(async (result) => {
    for (const [values, value] of await samples()) {
      const attributes = Object.fromEntries(labels.map((label, index) => [label, values[index]!]))
      if (typeof value === 'number') result.observe(value, attributes)
    }
  })
}
