/**
 * Whether an error speaks of the origin's health: everything but what blames the caller (a 4xx status, as Nest's
 * HttpException and most HTTP clients carry it).
 */
export function isOriginFailure(error: unknown): boolean {
  const status = statusOf(error);

  return status === undefined || status < 400 || status >= 500;
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('getStatus' in error && typeof error.getStatus === 'function') {
    const status: unknown = (error.getStatus as () => unknown)();
    return typeof status === 'number' ? status : undefined;
  }

  return 'status' in error && typeof error.status === 'number' ? error.status : undefined;
}
