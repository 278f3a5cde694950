/** The cells whose guards are rows that several hands change at once, on PostgreSQL as they are on SQLite. */
import { after, describe, it } from 'node:test'
import { applies, INVARIANTS, ways } from '../../src/accounts/doors/matrix.ts'
import { postgresInTurn, postgresUrl } from '../support/services.ts'
import { drivers } from './drivers/index.ts'
import { invariants } from './invariants/index.ts'
import { openStage } from './stage.ts'

const server = await postgresUrl()
const TRIED = ['locked', 'disabled', 'single-use']

describe('the matrix of ways in, on PostgreSQL', { skip: 'skip' in server && server.skip }, () => {
  const databases = postgresInTurn()
  after(databases.close)

  for (const { name, options, holds } of invariants.filter((one) => TRIED.includes(one.name))) {
    for (const way of ways.filter((one) => applies(one, name))) {
      it(`${name}, at "${way.name}": ${INVARIANTS[name]}`, async () => {
        await using stage = await openStage({ options, database: await databases.open() })
        await holds(
          stage,
          drivers.find((driver) => driver.way === way.name)!,
        )
      })
    }
  }
})
