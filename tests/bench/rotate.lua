-- wrk -s rotate.lua URL -- FILE [PAUSE]: sends the requests of FILE in turn, whole as they stand there, from a random
-- one on. PAUSE is the mean of a random rest in milliseconds before each. At the end: one line of JSON.

local requests, at = {}, 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for each in file:read("*a"):gmatch("(.-)\n%-%-next%-%-\n") do
    requests[#requests + 1] = each
  end
  file:close()
  math.randomseed(os.time())
  at = math.random(#requests)
  local pause = tonumber(args[2] or 0)
  if pause > 0 then
    function delay()
      return math.random(0, 2 * pause)
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local failed = summary.errors
  print(string.format(
    '{"requests": %d, "micros": %d, "p50": %d, "p99": %d, "refused": %d, "broken": %d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), failed.status,
    failed.connect + failed.read + failed.write + failed.timeout
  ))
end
