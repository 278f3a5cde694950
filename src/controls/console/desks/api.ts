/** The description of what programs may do here, for those who are signed in (OpenAPI 3.1). */
import { json } from '../../../console/form.ts'
import { ApiDescription } from '../../../console/api.ts'
import { READ_ONLY, type ConsoleDesk } from './desk.ts'

export const api: ConsoleDesk = {
  name: 'api',
  at: ({ path, api: wanted }) => (wanted ? { path: `${path}/openapi.json` } : undefined),
  operations: ({ path }) => [
    {
      method: 'get',
      path: `${path}/openapi.json`,
      id: 'describeApi',
      what: 'Gives this description.',
      as: 'session',
      answers: { 200: { what: 'OpenAPI 3.1.', schema: { type: 'object', required: ['openapi', 'info', 'paths'] } } },
    },
  ],
  start:
    ({ options, setting }) =>
    (x) => {
      if (x.path !== `${options.path}/openapi.json`) return undefined
      return x.method === 'GET' || x.method === 'HEAD' ? json(setting.use(ApiDescription)()) : READ_ONLY
    },
}
