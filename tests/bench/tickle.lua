-- For wrk: one call of a session client, over and over, and what came of it as JSON.
wrk.method = "POST"
wrk.body = ""
wrk.headers["User-Agent"] = "bench"

function done(summary, latency)
	local errors = summary.errors
	local lost = errors.connect + errors.read + errors.write + errors.status + errors.timeout
	io.write(string.format(
		'\n{"requests": %d, "seconds": %.6f, "p50_us": %.1f, "p99_us": %.1f, "lost": %d}\n',
		summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), lost))
end
