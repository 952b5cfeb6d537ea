import { type ArgumentsHost, Catch, type ExceptionFilter, HttpStatus } from '@nestjs/common';
import {
  EvictionFailedError,
  LoadTimedOutError,
  OriginOverloadedError,
  OriginSuspendedError,
  WriteRefusedError,
} from 'nestjs-consistent-cache';
import type { Response } from 'express';

type Trouble =
  EvictionFailedError | LoadTimedOutError | OriginOverloadedError | OriginSuspendedError | WriteRefusedError;

const { GATEWAY_TIMEOUT, INTERNAL_SERVER_ERROR, SERVICE_UNAVAILABLE } = HttpStatus;

// #region filter
/**
 * Tells a client what became of its call when the store or an origin was in trouble, and when to come back.
 *
 * A write that was refused has changed nothing, so it may simply be sent again. One that was done, but is perhaps not
 * visible everywhere yet, must not be repeated blindly, so that is no 503.
 */
@Catch(WriteRefusedError, EvictionFailedError, OriginOverloadedError, OriginSuspendedError, LoadTimedOutError)
export class StoreTroubleFilter implements ExceptionFilter<Trouble> {
  catch(trouble: Trouble, host: ArgumentsHost): void {
    const { code, what, fix } = trouble;
    const { statusCode, retryAfterMs } = answerTo(trouble);
    const response = host.switchToHttp().getResponse<Response>();
    // Whole seconds, rounded up: whoever comes back too early is sent away once more.
    if (retryAfterMs !== undefined) response.setHeader('Retry-After', Math.ceil(retryAfterMs / 1_000));
    response.status(statusCode).json({ statusCode, code, message: what, fix });
  }
}

function answerTo(trouble: Trouble): { readonly statusCode: HttpStatus; readonly retryAfterMs?: number } {
  if (trouble instanceof OriginOverloadedError || trouble instanceof OriginSuspendedError) {
    return { statusCode: SERVICE_UNAVAILABLE, retryAfterMs: trouble.retryAfterMs };
  }
  if (trouble instanceof LoadTimedOutError) return { statusCode: GATEWAY_TIMEOUT, retryAfterMs: trouble.deadlineMs };

  return { statusCode: trouble instanceof WriteRefusedError ? SERVICE_UNAVAILABLE : INTERNAL_SERVER_ERROR };
}
// #endregion
