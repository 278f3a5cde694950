/** The frame, the style and the times of the kit's pages, for applications that want to look the same. */
export { layout } from './layout.ts'
export { style } from './style.ts'
export { timeOf } from './time.ts'
