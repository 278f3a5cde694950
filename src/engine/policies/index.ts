/** Policies: who may do what with which thing. */
export type { Principal } from '../facts.ts'
export { describeExplained, explain, type Explained } from './explain.ts'
export { policyFor, refusalOf, type Decision, type Policy } from './policy.ts'
export { rule, type Group, type Moment, type Not, type Question, type Rule } from './rule.ts'
