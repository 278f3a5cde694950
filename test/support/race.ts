/** The race that applications use, for our own tests. */
export { race } from '../../src/testing/race.ts'
