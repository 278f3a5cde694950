/** Calls back once when the process is asked to end. */

/** Read when this file is, long before anybody is told that we are there: a signal may come at once. */
const parent = process.ppid

/** SIGTERM, SIGINT, or the end of the shell that `npm start` put between us and whoever sent the signal to npm. */
export function onStop(stop: (why: string) => void): void {
  const watch = setInterval(
    () => parent !== process.ppid && process.env['npm_lifecycle_event'] === 'start' && once('npm ended'),
    250,
  )
  watch.unref()
  let stopping = false
  function once(why: string): void {
    if (stopping) return
    stopping = true
    clearInterval(watch)
    stop(why)
  }
  process.on('SIGTERM', once)
  process.on('SIGINT', once)
}
