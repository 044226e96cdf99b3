-- wrk's side of the bench: the requests of the file $MIX (a path a line) with $TOKEN, in their order, each thread
-- from another place; says at the end what it measured as one line of JSON.
local requests, at = {}, 0
local threads = {}

function setup(thread)
	thread:set("number", #threads)
	table.insert(threads, thread)
end

function init(args)
	wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
	for line in io.lines(os.getenv("MIX")) do
		requests[#requests + 1] = wrk.format("GET", line)
	end
	at = number * 997
end

function request()
	at = at + 1
	return requests[at % #requests + 1]
end

function done(summary, latency, calls)
	local e = summary.errors
	io.write(string.format(
		'{"requests": %d, "per_second": %.1f, "p50_ms": %.2f, "p95_ms": %.2f, "p99_ms": %.2f, "max_ms": %.1f, "failed": %d}\n',
		summary.requests, summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
		latency:percentile(95) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
		e.connect + e.read + e.write + e.status + e.timeout))
end
