/** A zip made byte by byte, so that it can lie. PKWARE APPNOTE §4.3. */
import { crc32, deflateRawSync } from 'node:zlib'

export interface Member {
  readonly name: string
  readonly data: Buffer
  /** What both places say instead of the truth. */
  readonly size?: number
  readonly method?: number
  readonly flags?: number
  readonly mode?: number
  /** In the directory alone. */
  readonly offset?: number
  /** In the head before it alone. */
  readonly localName?: string
  readonly extra?: Buffer
  readonly localExtra?: Buffer
  /** Stands before it, and nobody speaks of it. */
  readonly before?: Buffer
  /** Counted as packed bytes, behind the end of what was packed. */
  readonly behind?: Buffer
  readonly comment?: Buffer
}

export interface ZipEnd {
  /** Between the directory and its end record. */
  readonly after?: Buffer
  readonly comment?: Buffer
  /** How many entries it says there are. */
  readonly count?: number
  /** Where it says that the directory begins. */
  readonly start?: number
}

const NOTHING = Buffer.alloc(0)

export function zip(members: readonly Member[], { after = NOTHING, comment = NOTHING, ...says }: ZipEnd = {}): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let position = 0
  for (const member of members) {
    const { before = NOTHING, extra = NOTHING, localExtra = NOTHING, behind = NOTHING, mode = 0 } = member
    const name = Buffer.from(member.name)
    const localName = Buffer.from(member.localName ?? member.name)
    const packed = Buffer.concat([(member.method ?? 8) === 8 ? deflateRawSync(member.data) : member.data, behind])
    const tail = Buffer.alloc(14)
    tail.writeUInt16LE(member.comment?.length ?? 0, 0)
    tail.writeUInt32LE((mode << 16) >>> 0, 6)
    tail.writeUInt32LE(member.offset ?? position + before.length, 10)
    const entry = [Buffer.from('PK\x01\x02\x14\x00'), head(member, packed, name, extra), tail, name, extra]
    directory.push(...entry, member.comment ?? NOTHING)
    const local = [Buffer.from('PK\x03\x04'), head(member, packed, localName, localExtra), localName, localExtra, packed]
    locals.push(before, ...local)
    position += before.length + Buffer.concat(local).length
  }
  const entries = Buffer.concat(directory)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(says.count ?? members.length, 4)
  end.writeUInt16LE(says.count ?? members.length, 6)
  end.writeUInt32LE(entries.length, 8)
  end.writeUInt32LE(says.start ?? position, 12)
  end.writeUInt16LE(comment.length, 16)
  return Buffer.concat([...locals, entries, after, Buffer.from('PK\x05\x06'), end, comment])
}

/** What both places have. */
function head({ data, size = data.length, method = 8, flags = 0 }: Member, packed: Buffer, name: Buffer, extra: Buffer): Buffer {
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(flags, 2)
  common.writeUInt16LE(method, 4)
  common.writeUInt32LE(crc32(data), 10)
  common.writeUInt32LE(packed.length, 14)
  common.writeUInt32LE(size, 18)
  common.writeUInt16LE(name.length, 22)
  common.writeUInt16LE(extra.length, 24)
  return common
}

/** An extra field: an id and its bytes. */
export function extraField(id: number, bytes: Buffer): Buffer {
  const field = Buffer.alloc(4)
  field.writeUInt16LE(id, 0)
  field.writeUInt16LE(bytes.length, 2)
  return Buffer.concat([field, bytes])
}

/** The bytes of an archive without its directory: what one entry would be to a reader that goes by the heads before them. */
export function entryAlone(member: Member): Buffer {
  const whole = zip([member])
  return whole.subarray(0, whole.indexOf('PK\x01\x02', 0, 'latin1'))
}

const GOOD: Member = { name: 'letter.txt', data: Buffer.from('Dear otters, ...') }
const EVIL: Member = { name: '../../app.css', data: Buffer.from('body { display: none }') }

/** Archives that are harmless by the directory that most readers see, and something else to others. */
export function twoFaced(): readonly (readonly [string, Buffer])[] {
  const good = zip([GOOD])
  const directory = good.indexOf('PK\x01\x02', 0, 'latin1')
  const pathField = extraField(0x7075, Buffer.concat([Buffer.alloc(5), Buffer.from(EVIL.name)]))
  const locator = Buffer.concat([Buffer.from('PK\x06\x07'), Buffer.alloc(16)])
  const hidden = entryAlone(EVIL)
  const moved = zip([GOOD], { start: directory + hidden.length })
  const behindLast = Buffer.concat([moved.subarray(0, directory), hidden, moved.subarray(directory)])
  const decoy = Buffer.concat([good.subarray(0, -22), zip([{ ...EVIL, name: '../../x.css' }], { start: directory })])
  return [
    ['two directories, of which the end record names the first', decoy],
    ['more entries than it says', zip([GOOD, { ...GOOD, name: 'second.txt' }], { count: 1 })],
    ['another name before the entry', zip([{ ...GOOD, localName: '../letter.t' }])],
    ['an entry that the directory does not name', zip([{ ...GOOD, before: entryAlone(EVIL) }])],
    ['an entry behind the last', behindLast],
    ['an entry in the packed bytes of another', zip([{ ...GOOD, behind: entryAlone(EVIL) }])],
    [
      'a second end record in the comment',
      zip([GOOD], { comment: Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]) }),
    ],
    ['bytes behind its end', Buffer.concat([good, Buffer.alloc(9)])],
    ['a way to a larger directory, in the comment of an entry', zip([{ ...GOOD, comment: locator }])],
    ['bytes between the directory and its end', zip([GOOD], { after: locator })],
    ['a second name in UTF-8', zip([{ ...GOOD, extra: pathField }])],
    ['a second name before the entry', zip([{ ...GOOD, localExtra: pathField }])],
    ['extra fields that end too early', zip([{ ...GOOD, extra: Buffer.from([1, 2, 9, 0]) }])],
    ['a pipe', zip([{ ...GOOD, mode: 0o010644 }])],
  ]
}
