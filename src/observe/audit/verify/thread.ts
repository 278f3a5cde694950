/** The thread's side of `threads.ts`: a page in, what is found in it out. */
import { parentPort } from 'node:worker_threads'
import { createFinder, type Page } from './runs.ts'

const find = createFinder()
parentPort!.on('message', (page: Page) => parentPort!.postMessage(find(page), []))
