import { createHash } from 'node:crypto';

/**
 * Every change of Redis is one of these: Redis runs a script as one step. All keys of a script share the hash tag `{ses_…}`, so they live on
 * one node of a Cluster. KEYS of a session: its hash, its stream of events, its money (attempts and operations).
 *
 * The session's hash: `o` the writing process, `e` the epoch it wrote in, `n` order of creation, `v` version, `d` the record, `c:ID` how far
 * the webhook endpoint ID is. The money: each attempt and operation by its id, and `n:ID` its order of creation. A script of another process than `o`, or of an epoch before `e`, changes nothing: that is the fence.
 */
export interface Script {
  readonly lua: string;
  readonly sha1: string;
}

const script = (lua: string): Script => ({ lua, sha1: createHash('sha1').update(lua).digest('hex') });

/** ARGV: writer, epoch. */
const FENCE = `
local held = redis.call('HMGET', KEYS[1], 'o', 'e', 'v', 'n')
if held[1] and held[1] ~= ARGV[1] then return {'fenced', held[1]} end
if held[2] and tonumber(held[2]) > tonumber(ARGV[2]) then return {'fenced', held[1]} end
`;

/**
 * ARGV: writer, epoch, `step` or `whole`, version before, version, record, ttl ms, order, channel, events kept; how many events, attempts
 * with operations, cursors, and attempts or operations that were withdrawn; then each event (seq, text), attempt or operation (id, text,
 * order), cursor (endpoint, text), withdrawn id. `step` changes nothing where Redis is not at the version before; `whole` puts what it gets
 * in the place of what is there, but for money: that is added or replaced, never expires, and goes only by name.
 */
export const WRITE = script(`${FENCE}
local number, last = tonumber(ARGV[11]), 0
if ARGV[3] == 'step' then
  if (held[3] or '') ~= ARGV[4] then return {'differs', held[3] or ''} end
  local newest = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
  if newest then last = tonumber(string.match(newest[1], '^%d+')) end
  if number > 0 and tonumber(ARGV[15]) ~= last + 1 then return {'differs', held[3] or ''} end
else
  redis.call('DEL', KEYS[1], KEYS[2])
end
redis.call('HSET', KEYS[1], 'o', ARGV[1], 'e', ARGV[2], 'n', held[4] or ARGV[8])
if ARGV[6] ~= '' then redis.call('HSET', KEYS[1], 'v', ARGV[5], 'd', ARGV[6]) end
local at = 15
for _ = 1, number do
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[10], ARGV[at] .. '-0', 'd', ARGV[at + 1])
  at = at + 2
end
for _ = 1, tonumber(ARGV[12]) do
  redis.call('HSET', KEYS[3], ARGV[at], ARGV[at + 1])
  redis.call('HSETNX', KEYS[3], 'n:' .. ARGV[at], ARGV[at + 2])
  at = at + 3
end
for _ = 1, tonumber(ARGV[13]) do
  redis.call('HSET', KEYS[1], 'c:' .. ARGV[at], ARGV[at + 1])
  at = at + 2
end
for _ = 1, tonumber(ARGV[14]) do
  redis.call('HDEL', KEYS[3], ARGV[at], 'n:' .. ARGV[at])
  at = at + 1
end
redis.call('PEXPIRE', KEYS[1], ARGV[7])
redis.call('PEXPIRE', KEYS[2], ARGV[7])
redis.call('PUBLISH', ARGV[9], ARGV[1] .. ' session ' .. KEYS[1])
return {'ok'}
`);

/**
 * ARGV: writer, epoch, channel, ms, then each withdrawn attempt or operation. Session and events go, all other money stays. The fence stays for a while: a change of ours that is still on
 * its way must not bring the session back.
 */
export const FORGET = script(`${FENCE}
redis.call('DEL', KEYS[1], KEYS[2])
for at = 5, #ARGV do redis.call('HDEL', KEYS[3], ARGV[at], 'n:' .. ARGV[at]) end
redis.call('HSET', KEYS[1], 'o', ARGV[1], 'e', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PUBLISH', ARGV[3], ARGV[1] .. ' session ' .. KEYS[1])
return {'ok'}
`);

/** ARGV: writer, epoch, the writer that is gone, channel. From here on that one is refused. Twice is once. */
export const ADOPT = script(`
local owner = redis.call('HGET', KEYS[1], 'o')
if owner ~= ARGV[3] and owner ~= ARGV[1] then return {'fenced', owner or ''} end
redis.call('HSET', KEYS[1], 'o', ARGV[1], 'e', ARGV[2])
redis.call('PUBLISH', ARGV[4], ARGV[1] .. ' session ' .. KEYS[1])
return {'ok'}
`);

/** ARGV: events after this seq, at most so many. One moment of a session: nothing is written between its parts. */
export const READ = script(`
return {
  redis.call('HGETALL', KEYS[1]),
  redis.call('XRANGE', KEYS[2], (tonumber(ARGV[1]) + 1) .. '-0', '+', 'COUNT', ARGV[2]),
  redis.call('HGETALL', KEYS[3])
}
`);

/** KEYS: the answer. ARGV: writer, channel, value, ms. */
export const ANSWER = script(`
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
redis.call('PUBLISH', ARGV[2], ARGV[1] .. ' answer ' .. KEYS[1])
return {'ok'}
`);
