/** What became of the calls of an open loop. */

/** @returns inTime: the share of reads that had their value within one second; times are of reads that were answered */
export function summaryOf(calls) {
  const answered = calls.filter(({ tookMs, failed }) => tookMs !== undefined && !failed);
  const times = answered.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];

  return {
    reads: calls.length,
    inTime: times.filter((ms) => ms <= 1000).length / calls.length,
    failed: calls.filter(({ failed }) => failed).length,
    unanswered: calls.filter(({ tookMs }) => tookMs === undefined).length,
    p50: at(0.5),
    p99: at(0.99),
    max: times.at(-1),
  };
}
