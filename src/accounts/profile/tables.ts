/** The tables of security notices, of devices that are known, and of accounts that are being deleted, as Kysely sees them. */

interface NoticesTable {
  user_id: string
  /** Which of `NOTICES`. */
  about: string
  /** Where it goes; empty: to the verified address. */
  address: string
  created_at: number
}

interface DevicesTable {
  user_id: string
  /** A hash of what kind of browser it is, and of its network. */
  device: string
  seen_at: number
}

interface DeletionsTable {
  user_id: string
  asked_at: number
  /** When the account goes for good. */
  due_at: number
  /** 1: an operator shut the account out meanwhile. */
  shut_out: number
}

export interface ProfileSchema {
  hf_notices: NoticesTable
  hf_devices: DevicesTable
  hf_deletions: DeletionsTable
}
