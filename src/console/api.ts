/** How the pages find the description of the API, which is made where all controls are known. */
import { slot } from '../engine/exchange.ts'
import type { JsonSchema } from '../http/openapi.ts'

/** Gives the document of OpenAPI 3.1. */
export const ApiDescription = slot<() => JsonSchema>('api-description')
