/** Every code an error of this library can carry. Each is a heading in docs/reference/errors.md. */
export const ERROR_CODES = [
  'AUDIT_FAILED',
  'CALLER_MISSING',
  'DECLARATION_MISPLACED',
  'DURATION_INVALID',
  'EVICTION_FAILED',
  'KEY_ARGUMENT_UNKEYABLE',
  'LOAD_TIMED_OUT',
  'MODULE_DUPLICATED',
  'NOTHING_TO_EVICT',
  'OPTIONS_INVALID',
  'ORIGIN_OVERLOADED',
  'ORIGIN_SUSPENDED',
  'OUTBOX_FAILED',
  'POLICY_INVALID',
  'RESULT_NOT_ASYNC',
  'RESULT_TAINTED',
  'STORE_REFUSED',
  'STORE_UNAVAILABLE',
  'TAG_INVALID',
  'VALUE_UNSTORABLE',
  'WRITE_REFUSED',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];
