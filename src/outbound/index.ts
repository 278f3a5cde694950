/** Guarded requests to other servers. */
export { createOutbound, type Outbound, type OutboundInit } from './outbound.ts'
export { OutboundError, type OutboundFailure, type OutboundRefusal } from './errors.ts'
export { type OutboundOptions, type OutboundReport, type Resolve } from './options.ts'
export { isPublicAddress } from './public-address.ts'
