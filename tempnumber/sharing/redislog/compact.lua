-- Replaces all entries up to a place by a snapshot.
-- KEYS: the stream, the hash. ARGV: epoch and position of the place, its moment, the snapshot.
local s = redis.call('HMGET', KEYS[2], 'epoch', 'last', 'base')
local place = tonumber(ARGV[2])
if s[1] ~= ARGV[1] or place > tonumber(s[2]) or place <= tonumber(s[3]) then return 0 end
redis.call('HSET', KEYS[2], 'base', ARGV[2], 'base_at', ARGV[3], 'snapshot', ARGV[4])
redis.call('XTRIM', KEYS[1], 'MINID', '0-' .. string.format('%.0f', place + 1))
return 1
