/** OpenTelemetry, where the application has a software development kit of it running: found, not configured. */
import { createSecretKey } from 'node:crypto'
import { Session } from '../controls/session/slot.ts'
import { hmac } from '../crypto/hmac.ts'
import type { Answers } from '../engine/answers.ts'
import { HoldfastError } from '../engine/errors.ts'
import { invalid } from '../engine/options.ts'
import type { Metrics } from '../observe/metrics/types.ts'
import { createInstruments } from '../observe/telemetry/instruments.ts'
import { createSpans, type OpenTelemetryApi, type Spans } from '../observe/telemetry/spans.ts'
import type { SetUp } from '../settings/set-up.ts'

/** Where every copy of the API, of its first major version, leaves what was registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1')

export interface TelemetrySetting {
  readonly setUp: SetUp
  readonly answers: Answers
  readonly metrics: Metrics
  readonly ownPaths: ReadonlySet<string>
}

export interface Telemetry {
  /** Absent where no spans are wanted. */
  readonly around: Spans['around'] | undefined
  stop(): void
}

/** `undefined`: on where a kit is registered. */
export function readOpenTelemetry(option: boolean | undefined): boolean | undefined {
  if (option === undefined || typeof option === 'boolean') return option
  return invalid('openTelemetry', option, 'Write true or false, or leave it out.')
}

/** What the application has registered. Nothing is loaded to find out. */
export function registered(): { readonly trace: boolean; readonly metrics: boolean } {
  const known = (globalThis as Record<symbol, unknown>)[REGISTERED] as { trace?: unknown; metrics?: unknown } | undefined
  return { trace: known?.trace !== undefined, metrics: known?.metrics !== undefined }
}

/** Whether there is anything to tell. Throws HF_OPTION_INVALID where it was asked for and nothing is registered. */
export function wantsTelemetry(option: boolean | undefined): boolean {
  const { trace, metrics } = registered()
  if (option === true && !trace && !metrics) {
    throw new HoldfastError('HF_OPTION_INVALID', 'openTelemetry is true, and no kit of OpenTelemetry is registered.', {
      fix: 'Register it before createHoldfast is called: node --import ./instrumentation.js …',
    })
  }
  return option !== false && (trace || metrics)
}

/** Listens from now on. Where the API cannot be loaded and nobody asked for it, the application goes on without. */
export async function openTelemetry({ setUp, answers, metrics, ownPaths }: TelemetrySetting): Promise<Telemetry | undefined> {
  const api = await loadApi().catch((error: unknown) => {
    if (setUp.openTelemetry === true) throw error
    setUp.onFault(error, undefined)
    return undefined
  })
  if (api === undefined) return undefined
  const { trace, metrics: measured } = registered()
  const key = createSecretKey(setUp.keys.subkey('observe/telemetry'))
  const spans = trace
    ? createSpans({
        ...{ api, answers, ownPaths, tracer: api.trace.getTracer('holdfast'), bus: setUp.bus, site: setUp.site },
        mark: (text) => hmac(key, text).slice(0, 22),
        sessionOf: (x) => x.get(Session)?.session.id,
      })
    : undefined
  const stop = measured ? createInstruments({ meter: api.metrics.getMeter('holdfast'), metrics, answers, ownPaths }) : () => {}
  return {
    around: spans?.around,
    stop() {
      spans?.stop()
      stop()
    },
  }
}

async function loadApi(): Promise<OpenTelemetryApi> {
  try {
    return await import('@opentelemetry/api')
  } catch (cause) {
    throw new HoldfastError('HF_OPTION_INVALID', 'A kit of OpenTelemetry is registered, and its API cannot be loaded here.', {
      fix: 'npm install @opentelemetry/api, or set openTelemetry: false.',
      cause,
    })
  }
}
