/** The process itself, under the names that Prometheus's own libraries use, so that dashboards which exist fit. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { Metrics } from './types.ts'

/** Milliseconds between two looks at the event loop. */
const RESOLUTION = 20

/** Returns how to stop. The event loop is watched from the first scrape on: where nobody scrapes it costs nothing. */
export function measureProcess(metrics: Metrics): () => void {
  let loop: ReturnType<typeof monitorEventLoopDelay> | undefined
  const memory = (name: string, help: string, read: () => number) => metrics.gauge({ name, help, read, every: 0 })
  memory('process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss())
  memory('nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.', () => process.memoryUsage().heapUsed)
  memory(
    'process_start_time_seconds',
    'Start time of the process since unix epoch in seconds.',
    () => performance.timeOrigin / 1000,
  )
  metrics.gauge({
    name: 'nodejs_eventloop_lag_p99_seconds',
    help: 'The 99th percentile of the event loop delays since the last scrape but one.',
    every: 1000,
    read() {
      if (loop === undefined) {
        loop = monitorEventLoopDelay({ resolution: RESOLUTION })
        loop.enable()
        return undefined
      }
      const lag = loop.count === 0 ? 0 : Math.max(0, loop.percentile(99) / 1e9 - RESOLUTION / 1000)
      loop.reset()
      return lag
    },
  })
  let before = performance.eventLoopUtilization()
  metrics.gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'The share of the time since the last scrape in which the event loop was busy.',
    every: 1000,
    read() {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, before)
      before = now
      return utilization
    },
  })
  metrics.counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    every: 0,
    read() {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    },
  })
  return () => loop?.disable()
}
