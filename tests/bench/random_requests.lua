-- wrk sends a random line of the file named by BENCH_REQUESTS, each a path with its query.
local requests = {}
function init() -- wrk has set the Host header by now, which wrk.format needs
  for line in io.lines(os.getenv("BENCH_REQUESTS")) do
    requests[#requests + 1] = wrk.format("GET", line)
  end
  math.randomseed(os.time() + (tonumber(tostring({}):match("0x(%x+)"), 16) or 0) % 100000)
end
function request()
  return requests[math.random(#requests)]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %.1f %.3f %.3f %.3f %d\n", summary.requests / (summary.duration / 1e6), latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, latency.max / 1000, errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
