const wallClockMs = Date.now;

/** Sets this process's wall clock by so much, as an administrator or a time server would; the monotonic clock goes on. */
export function stepClock(ms: number): void {
  const before = Date.now;
  Date.now = () => before() + ms;
}

export function restoreClock(): void {
  Date.now = wallClockMs;
}
