/** A process that seals anew until it is killed or done: says a line once it has begun. */
import { parseKeyring } from '../../src/crypto/keyring.ts'
import { fieldColumn, reencrypt } from '../../src/secrets/reencrypt.ts'
import { openDatabase } from '../../src/store/index.ts'

const [url, keys] = process.argv.slice(2) as [string, string]
const database = await openDatabase(url)
const progress = (): void => void process.stdout.write('.')
await reencrypt({ database, keys: parseKeyring(keys), columns: [fieldColumn('notes.text')], batch: 5, progress })
await database.close()
