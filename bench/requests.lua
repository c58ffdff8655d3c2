-- Requests for wrk, one a line: method, path, token, body, with tabs between. In place of a token a session's cookie
-- ("relais=…") may stand: then a page is asked for.
--   wrk … -s requests.lua URL -- FILE once|again OFFSET
-- "once": each line is sent by one connection's thread only, and the thread ends with its lines. wrk itself waits
-- for the whole duration even so; what counts is the time until the last line was answered.
local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long us; } relais_time; int gettimeofday(relais_time *, void *);")
local function now()
  local t = ffi.new("relais_time")
  ffi.C.gettimeofday(t, nil)
  return tonumber(t.s) * 1e6 + tonumber(t.us)
end

local threads = {}
function setup(thread)
  thread:set("number", #threads)
  thread:set("began", 0)
  thread:set("ended", 0)
  threads[#threads + 1] = thread
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
      if token:sub(1, 7) == "relais=" then
        headers["Cookie"], headers["Accept"] = token, "text/html"
      elseif token ~= "" then headers["Authorization"] = "Bearer " .. token end
      if body ~= "" then headers["Content-Type"] = "application/json" end
      sent[#sent + 1] = wrk.format(method, path, headers, body ~= "" and body or nil)
    end
    n = n + 1
  end
  -- The threads of a run do not ask the same thing at the same time.
  if not once then at = math.floor(#sent * number / all) end
end

function request()
  if began == 0 then began = now() end
  at = at + 1
  if at > #sent then
    at = 1
    if once then
      if ended == 0 then ended = now() end
      wrk.thread:stop()
    end
  end
  return sent[at]
end

function done(summary, latency, requests)
  local e = summary.errors
  local first, last = math.huge, 0
  for _, thread in ipairs(threads) do
    local b, x = thread:get("began"), thread:get("ended")
    first = math.min(first, b)
    last = math.max(last, x == 0 and math.huge or x)
  end
  -- Lines left over: the whole duration counts.
  local micros = math.min(summary.duration, last - first)
  print(string.format(
    'RESULT {"requests":%d,"micros":%d,"bytes":%d,"p50":%d,"p99":%d,"most":%d,"refused":%d,"broken":%d}',
    summary.requests, micros, summary.bytes, latency:percentile(50), latency:percentile(99), latency.max,
    e.status, e.connect + e.read + e.write + e.timeout))
end
