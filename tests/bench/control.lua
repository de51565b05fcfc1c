-- For wrk: a call of the control API, over and over; what it is stands in the environment. What came of it as JSON.
wrk.method = os.getenv("BENCH_METHOD")
wrk.body = os.getenv("BENCH_BODY")

function done(summary, latency)
	local errors = summary.errors
	local lost = errors.connect + errors.read + errors.write + errors.status + errors.timeout
	io.write(string.format(
		'\n{"requests": %d, "seconds": %.6f, "p50_us": %.1f, "p99_us": %.1f, "lost": %d}\n',
		summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), lost))
end
