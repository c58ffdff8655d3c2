-- Requests for wrk, one a line: method, path, token, body, with tabs between.
--   wrk … -s requests.lua URL -- FILE once|again OFFSET
-- "once": each line is sent by one connection's thread only, and the thread ends with its lines.
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local sent, all, once, at = {}, 2, false, 0

function init(args)
  once = args[2] == "once"
  all = tonumber(args[3]) or 1
  local n = 0
  for line in io.lines(args[1]) do
    if not once or n % all == number then
      local method, path, token, body = line:match("^(%S+)\t(%S+)\t([^\t]*)\t?(.*)$")
      local headers = { ["Host"] = "localhost", ["Accept"] = "application/json" }
      if token ~= "" then headers["Authorization"] = "Bearer " .. token end
      if body ~= "" then headers["Content-Type"] = "application/json" end
      sent[#sent + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
    end
    n = n + 1
  end
  -- The threads of a run do not ask the same thing at the same time.
  if not once then at = math.floor(#sent * number / all) end
end

function request()
  at = at + 1
  if at > #sent then
    at = 1
    if once then wrk.thread:stop() end
  end
  return sent[at]
end

function done(summary, latency, requests)
  local e = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"micros":%d,"bytes":%d,"p50":%d,"p99":%d,"most":%d,"refused":%d,"broken":%d}',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99), latency.max,
    e.status, e.connect + e.read + e.write + e.timeout))
end
