const SERIALIZATION_FAILURE = '40001';
const ATTEMPTS = 5;

// #region retrying
/** Runs a whole transaction again when PostgreSQL could not put it in order with the others. */
export async function retryingSerializationFailures<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (attempt === ATTEMPTS || codeOf(error) !== SERIALIZATION_FAILURE) throw error;
    }
  }
}
// #endregion

/** Libraries put their own error around that of the driver. */
function codeOf(error: unknown): unknown {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };

  return code ?? (cause instanceof Error ? codeOf(cause) : undefined);
}
