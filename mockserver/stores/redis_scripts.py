"""What Redis does in one step, in its Lua: nobody sees half of it.

A document's keys share a hash tag, so that a cluster keeps them on one node:

    meta            hash: `version`, `records`, `octets`, `offset`
    places          sorted set of the partitions that have been written to; by text, so that what lies below is a range
    at:PLACE        hash: a record's key -> "VERSION ORDINAL MEMBERS"
    info:PLACE      hash: `made`, `given`, `octets`
    tallies         hash: the key of a bucket -> "USED ENDS", for rate limits

Every script gets `meta` and `places` as KEYS and what the names of the others begin with as the first argument.
"""

from __future__ import annotations

from typing import Final

__all__ = ["COMMIT", "COUNT", "DUMP", "ORDINAL", "PARTITIONS", "RESET", "RESTORE"]

_COMMON: Final = """
local meta, places, base = KEYS[1], KEYS[2], ARGV[1]
local function at(place) return base .. 'at:' .. place end
local function info(place) return base .. 'info:' .. place end
local tallies = base .. 'tallies'
local function digits(number) return string.format('%.0f', number + 0) end
local function is_known(place) return redis.call('ZSCORE', places, place) end

local function count(place, records, octets)
  redis.call('HINCRBY', meta, 'records', digits(records))
  redis.call('HINCRBY', meta, 'octets', digits(octets))
  redis.call('HINCRBY', info(place), 'octets', digits(octets))
end

local function held(name)
  if name == 'scopes' then return redis.call('ZCARD', places) end
  return tonumber(redis.call('HGET', meta, name) or '0')
end
"""

_SEEDED: Final = (
    _COMMON
    + """
-- The plan: `seeded` are places of resources with seed records; `seeds` holds these, once they were asked for, as
-- place -> key -> {ordinal, argument}; `limits` and `checks`, `written` places, `last` writes, `steps`.
local plan = cjson.decode(ARGV[2])

-- Whether a step drops the place, so that a later one may begin it anew.
local function is_dropped(place)
  for _, step in ipairs(plan.steps or {}) do
    for _, start in ipairs(step[4] or {}) do
      if string.sub(place, 1, #start) == start then return true end
    end
  end
  return false
end

-- What is there from the start, where nothing has been written yet.
local seeds = {}
for _, place in ipairs(plan.seeded) do
  local known = is_known(place)
  if not plan.seeds and (not known or is_dropped(place)) then return 'seeds' end
  if not known then seeds[place] = plan.seeds[place] end
end

local function find(place, key)
  local known = seeds[place]
  if known then
    local seed = known[key]
    if seed then return 1, seed[1], #ARGV[seed[2]] end
    return nil
  end
  local stored = redis.call('HGET', at(place), key)
  if not stored then return nil end
  local version, ordinal, start = string.match(stored, '^(%d+) (%d+) ()')
  return tonumber(version), tonumber(ordinal), #stored - start + 1
end

local function find_full(more)
  for _, name in ipairs({'scopes', 'records', 'octets'}) do
    if more[name] > 0 and held(name) + more[name] > plan.limits[name] then return name end
  end
end

local function growth()
  local more = {scopes = 0, records = 0, octets = 0}
  for _, place in ipairs(plan.written) do
    if not is_known(place) then
      more.scopes = more.scopes + 1
      for _, seed in pairs(seeds[place] or {}) do
        more.records = more.records + 1
        more.octets = more.octets + #ARGV[seed[2]]
      end
    end
  end
  return more
end

local function begin(place)
  if redis.call('ZADD', places, 0, place) == 0 then return end
  local made = 0
  for key, seed in pairs(plan.seeds and plan.seeds[place] or {}) do
    local members = ARGV[seed[2]]
    redis.call('HSET', at(place), key, '1 ' .. digits(seed[1]) .. ' ' .. members)
    count(place, 1, #members)
    made = made + 1
  end
  redis.call('HSET', info(place), 'made', made, 'given', made)
  seeds[place] = nil
end
"""
)

COMMIT: Final = (
    _SEEDED
    + """
for _, check in ipairs(plan.checks) do
  local version = find(check[1], check[2]) or 0
  if version ~= check[3] then return 'conflict' end
end

local more = growth()
for _, write in ipairs(plan.last) do
  local version, ordinal, octets = find(write[1], write[2])
  if not version then more.records = more.records + 1 end
  more.octets = more.octets + #ARGV[write[3]] - (octets or 0)
end
local full = find_full(more)
if full then return full end

local function drop(place)
  local records = redis.call('HLEN', at(place))
  local octets = tonumber(redis.call('HGET', info(place), 'octets') or '0')
  count(place, -records, -octets)
  redis.call('UNLINK', at(place), info(place))
  redis.call('ZREM', places, place)
end

local function put(place, key, members)
  local version, ordinal, octets = find(place, key)
  if not version then
    ordinal = redis.call('HINCRBY', info(place), 'made', 1)
    count(place, 1, #members)
  else
    count(place, 0, #members - octets)
  end
  -- One more than the count: 1 is the version of seed records.
  local next = redis.call('HINCRBY', meta, 'version', 1) + 1
  redis.call('HSET', at(place), key, digits(next) .. ' ' .. digits(ordinal) .. ' ' .. members)
end

local function erase(place, keys, starts)
  for _, key in ipairs(keys) do
    local version, ordinal, octets = find(place, key)
    if version then
      redis.call('HDEL', at(place), key)
      count(place, -1, -octets)
    end
  end
  for _, start in ipairs(starts) do
    -- After the start comes "]" or ",": both are before "~".
    for _, below in ipairs(redis.call('ZRANGEBYLEX', places, '(' .. start, '(' .. start .. '~')) do
      drop(below)
    end
  end
end

for _, step in ipairs(plan.steps) do
  begin(step[1])
  if step[4] then erase(step[1], step[3], step[4]) else put(step[1], step[2], ARGV[step[3]]) end
end
return 'done'
"""
)

ORDINAL: Final = (
    _SEEDED
    + """
local full = find_full(growth())
if full then return full end
begin(plan.written[1])
return redis.call('HINCRBY', info(plan.written[1]), 'given', 1)
"""
)

COUNT: Final = (
    _COMMON
    + """
-- As `limits.counted` says: the call counts in all buckets, or in none where one that is enforced is used up.
local plan = cjson.decode(ARGV[2])
local used, ends, admitted, is_new = {}, {}, 1, false
for index, bucket in ipairs(plan.buckets) do
  local stored = redis.call('HGET', tallies, bucket.key)
  local number, moment
  if stored then number, moment = string.match(stored, '^(%S+) (%S+)$') else is_new = true end
  used[index], ends[index] = tonumber(number or '0'), tonumber(moment or '0')
  if not (plan.now < ends[index] and ends[index] <= plan.now + bucket.seconds) then
    used[index], ends[index] = 0, plan.now + bucket.seconds
  end
  if plan.enforce and used[index] >= bucket.calls then admitted = 0 end
end
if is_new and redis.call('HLEN', tallies) >= plan.most then
  local all = redis.call('HGETALL', tallies)
  for index = 1, #all, 2 do
    if tonumber(string.match(all[index + 1], ' (%S+)$')) <= plan.now then redis.call('HDEL', tallies, all[index]) end
  end
  if redis.call('HLEN', tallies) >= plan.most then redis.call('UNLINK', tallies) end
end
local reply = {admitted}
for index, bucket in ipairs(plan.buckets) do
  local tally = digits(used[index] + admitted) .. ' ' .. string.format('%.17g', ends[index])
  redis.call('HSET', tallies, bucket.key, tally)
  table.insert(reply, tally)
end
return reply
"""
)

PARTITIONS: Final = (
    _COMMON
    + """
local found = {}
for _, place in ipairs(redis.call('ZRANGE', places, 0, -1)) do
  table.insert(found, {place, redis.call('HLEN', at(place))})
end
return found
"""
)

DUMP: Final = (
    _COMMON
    + """
local found = {}
for _, place in ipairs(redis.call('ZRANGE', places, 0, -1)) do
  local counts = redis.call('HMGET', info(place), 'made', 'given')
  table.insert(found, {place, counts[1], counts[2], redis.call('HGETALL', at(place))})
end
return {redis.call('HGET', meta, 'offset') or '0', found, redis.call('HGETALL', tallies)}
"""
)

_CLEAR: Final = (
    _COMMON
    + """
for _, place in ipairs(redis.call('ZRANGE', places, 0, -1)) do
  redis.call('UNLINK', at(place), info(place))
end
redis.call('UNLINK', places, tallies)
-- The version stays: it never comes twice.
redis.call('HDEL', meta, 'records', 'octets')
"""
)

RESET: Final = _CLEAR + "redis.call('HDEL', meta, 'offset')"

RESTORE: Final = (
    _CLEAR
    + """
if ARGV[2] ~= '' then redis.call('HSET', meta, 'offset', ARGV[2]) end
for _, counted in ipairs(cjson.decode(ARGV[3])) do redis.call('HSET', tallies, counted[1], counted[2]) end
for index = 4, #ARGV do
  local dumped = cjson.decode(ARGV[index])
  local place = dumped[1]
  redis.call('ZADD', places, 0, place)
  redis.call('HSET', info(place), 'made', digits(dumped[2]), 'given', digits(dumped[3]))
  for _, record in ipairs(dumped[4]) do
    local version = redis.call('HINCRBY', meta, 'version', 1) + 1
    redis.call('HSET', at(place), record[1], digits(version) .. ' ' .. digits(record[2]) .. ' ' .. record[3])
    count(place, 1, #record[3])
  end
end
"""
)
