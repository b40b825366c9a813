-- Appends an entry if the caller knows enough, and returns what stands after what it knows.
-- KEYS: the stream, the hash. ARGV: epoch and position that the caller knows; read, append or test;
-- fence; data; an ID for a new epoch, should one begin; 1 if the Redis is new.
local stream, state = KEYS[1], KEYS[2]
local whole = function(n) return string.format('%.0f', n) end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
-- By its run_id a server that has taken over is known.
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)')
if type(info) == 'table' and string.find(info.err, 'not supported', 1, true) then
	run = 'imitation' -- of a server, in a test
elseif not run then
	return redis.error_reply('NOPERM this user must be allowed to run INFO, by which a server that has taken over is known')
end

local s = redis.call('HMGET', state, 'epoch', 'run', 'began', 'new', 'last', 'at', 'base')
local last, at, base = tonumber(s[5] or 0), tonumber(s[6] or 0), tonumber(s[7] or 0)
local known = tonumber(ARGV[2])
local first = not s[1] and redis.call('EXISTS', stream) == 0
local lost = not s[1] or s[2] ~= run
	or last > base and redis.call('XLEN', stream) ~= last - base
	or ARGV[1] == s[1] and known > last
if lost then
	redis.call('DEL', stream, state)
	local new = '0'
	if first and ARGV[7] == '1' then new = '1' end
	s = {ARGV[6], run, whole(now), new}
	last, at, base = 0, now, 0
	redis.call('HSET', state, 'epoch', s[1], 'run', run, 'began', s[3], 'new', new, 'last', '0', 'at', s[3], 'base', '0')
end
now = math.max(now, at)

local appended = '0'
if ARGV[3] ~= 'read' and ARGV[1] == s[1] then
	local fence = ARGV[4]
	local free = true
	if ARGV[3] == 'test' and fence ~= '0' then
		free = tonumber(redis.call('HGET', state, 'fence' .. fence) or 0) <= known
	end
	if free then
		last = last + 1
		redis.call('XADD', stream, '0-' .. whole(last), 'a', whole(now), 'f', fence, 'd', ARGV[5])
		redis.call('HSET', state, 'last', whole(last), 'at', whole(now))
		if fence ~= '0' then redis.call('HSET', state, 'fence' .. fence, whole(last)) end
		appended = '1'
	end
end

if ARGV[1] ~= s[1] then known = 0 end
local snapshot = {'0', '0', ''}
if base > known then
	local from = redis.call('HMGET', state, 'base_at', 'snapshot')
	snapshot = {whole(base), from[1], from[2]}
	known = base
end
local entries = {}
if last > known then
	for i, e in ipairs(redis.call('XRANGE', stream, '0-' .. whole(known + 1), '+')) do
		local field = {}
		for j = 1, #e[2], 2 do field[e[2][j]] = e[2][j + 1] end
		entries[i] = {string.sub(e[1], 3), field['a'], field['f'], field['d']}
	end
end
return {s[1], s[3], s[4], whole(now), appended, snapshot[1], snapshot[2], snapshot[3], entries}
