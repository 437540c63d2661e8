-- One message asks for its turn. The arithmetic of src/domain/limits.rs, in microseconds of this
-- server's clock: a bucket is the moment at which it will be full again.
--
-- KEYS: bot, floor, chat, group.
-- ARGV: lane ("reply" or "bulk"), weight, then interval and burst of each key's bucket; a burst of
-- 0 for a limit that does not apply. At last, how many messages bulk leaves in the bot's bucket.
-- Gives 0 when the message may go, which is noted then; otherwise how long it has to wait.

local LARGEST_WEIGHT = 10 -- an album

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local is_bulk = ARGV[1] == 'bulk'
local weight = tonumber(ARGV[2])

local function keep(one, full_at)
  if full_at <= now then return end
  local text = string.format('%.0f', full_at)
  redis.call('SET', one.key, text, 'PX', string.format('%.0f', math.ceil((full_at - now) / 1000)))
end

local function bucket(place)
  local interval, burst = tonumber(ARGV[2 * place + 1]), tonumber(ARGV[2 * place + 2])
  local one = { key = KEYS[place], cost = interval * weight, depth = interval * burst }
  -- What is no number of ours counts as nothing, and is written over.
  local kept = redis.pcall('GET', one.key)
  local full_at = type(kept) == 'string' and tonumber(kept) or 0
  one.full_at = full_at == full_at and full_at or 0
  -- Never further away than charging can bring it: this server's clock may have been set back. It
  -- is written down, so that it comes nearer.
  local furthest = now + math.max(one.depth, interval * LARGEST_WEIGHT)
  if one.full_at > furthest then
    one.full_at = furthest
    keep(one, furthest)
  end
  return one
end

local function ready_at(one, reserve)
  if weight == 0 then return 0 end
  return one.full_at + math.min(one.cost + (reserve or 0), one.depth) - one.depth
end

local function charge(one)
  keep(one, math.max(one.full_at, now) + one.cost)
end

-- What is sent whether or not it fits can't make a bucket emptier than empty.
local function charge_what_is_there(one)
  local empty = math.max(now + one.depth, one.full_at)
  keep(one, math.min(math.max(one.full_at, now) + one.cost, empty))
end

local bot, floor, chat, group = bucket(1), bucket(2), bucket(3), bucket(4)

local ready = math.max(ready_at(chat), ready_at(group))
if is_bulk then
  local reserve = tonumber(ARGV[11]) * tonumber(ARGV[3])
  ready = math.max(ready, math.min(ready_at(bot, reserve), ready_at(floor)))
end
if ready > now then
  return math.ceil(ready - now)
end

charge(chat)
charge(group)
charge_what_is_there(bot)
if is_bulk then
  charge_what_is_there(floor)
end
return 0
