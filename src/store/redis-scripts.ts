/**
 * The atomic verbs as Lua: Redis runs a script alone, so each is one step. Times come from the caller; the expiry set on a key only
 * collects what nobody asks for any more, a second after its time by the caller's clock.
 *
 * Numbers stay below 2^53 and are written with '%.0f': Lua's own way of writing a large number keeps fourteen digits.
 * Source: https://redis.io/docs/latest/develop/programmability/eval-intro/
 */
import { createHash } from 'node:crypto'

export interface Script {
  readonly text: string
  readonly sha: string
}

/** A value is stored as `<expires_at>:<value>`. */
const VALUES = `
local function read(now)
  local stored = redis.call('GET', KEYS[1])
  if not stored then return nil end
  local colon = string.find(stored, ':', 1, true)
  local expires = string.sub(stored, 1, colon - 1)
  if tonumber(expires) <= now then return nil end
  return string.sub(stored, colon + 1), expires
end
local function write(value, expires, now)
  redis.call('SET', KEYS[1], expires .. ':' .. value, 'PX', string.format('%.0f', math.max(tonumber(expires) - now, 0) + 1000))
end
`

const script = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') })

/** ARGV in the order of each line; KEYS[1] is the key. */
export const scripts = {
  /** now, increment, ceiling (microseconds; a ceiling of -1 only looks) → allowed, tat */
  take: script(`
local now, step, ceiling = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tat = tonumber(redis.call('GET', KEYS[1]) or '0')
if math.max(tat, now) > ceiling then return {0, tat} end
local next = math.max(tat, now) + step
redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', string.format('%.0f', math.ceil((next - now) / 1000) + 1000))
return {1, next}`),
  /** value, expires, now */
  put: script(`${VALUES}write(ARGV[1], ARGV[2], tonumber(ARGV[3])) return 1`),
  /** now → value */
  get: script(`${VALUES}local value = read(tonumber(ARGV[1])) return value`),
  /** now → value */
  consume: script(`${VALUES}local value = read(tonumber(ARGV[1])) redis.call('DEL', KEYS[1]) return value`),
  /** limit, expires, now → done (-1: no count), count */
  increment: script(`${VALUES}
local limit, now = tonumber(ARGV[1]), tonumber(ARGV[3])
local value, expires = read(now)
local count = 0
if value then
  if not string.find(value, '^%d+$') or #value > 15 then return {-1, 0} end
  count = tonumber(value)
end
if count >= limit then return {0, count} end
write(string.format('%.0f', count + 1), expires or ARGV[2], now)
return {1, count + 1}`),
  /** owner, expires, now → taken */
  reserve: script(`${VALUES}
local now = tonumber(ARGV[3])
local holder = read(now)
if holder and holder ~= ARGV[1] then return 0 end
write(ARGV[1], ARGV[2], now)
return 1`),
  /** owner → freed */
  release: script(`${VALUES}
if read(-1) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
return 1`),
  /** next, expires, now, and the expected value if there is to be one → written */
  swap: script(`${VALUES}
local now = tonumber(ARGV[3])
if read(now) ~= ARGV[4] then return 0 end
write(ARGV[1], ARGV[2], now)
return 1`),
  /** nothing */
  delete: script(`return redis.call('DEL', KEYS[1])`),
} as const
