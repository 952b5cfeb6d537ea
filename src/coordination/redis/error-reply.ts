import { ErrorReply } from '@redis/client';
import { StoreUnavailableError } from '../../resilience/deadline.js';
import type { Answer } from './redis-link.js';

/** To an unknown command Redis answers with the arguments that it was given, and one of these may be a cached value. */
const ARGUMENTS = /,? with args beginning with[^]*/;

/**
 * The answer, unless it is an error.
 *
 * @throws {StoreUnavailableError} naming the kind of the error
 */
export function withoutError(operation: string, answer: Answer<unknown>): Answer<unknown> {
  if (answer.value instanceof ErrorReply) throw refusedBy(operation, answer.value);

  return answer;
}

export function refusedBy(operation: string, reply: ErrorReply): StoreUnavailableError {
  const text = reply.message.replace(ARGUMENTS, '');
  const kind = text.split(' ', 1)[0] ?? 'ERR';

  return new StoreUnavailableError(operation, `answered with the error ${kind}`, new ErrorReply(text));
}
