import { type ArgumentsHost, Catch, type ExceptionFilter, HttpStatus } from '@nestjs/common';
import { EvictionFailedError, WriteRefusedError } from 'nestjs-consistent-cache';
import type { Response } from 'express';

/**
 * Tells a client what became of its write when the store did not answer.
 *
 * Refused: nothing has changed, so it may simply be sent again. Done, but perhaps not visible everywhere yet: it must not be
 * repeated blindly, so that is no 503.
 */
@Catch(WriteRefusedError, EvictionFailedError)
export class StoreTroubleFilter implements ExceptionFilter<WriteRefusedError | EvictionFailedError> {
  catch({ code, what, fix }: WriteRefusedError | EvictionFailedError, host: ArgumentsHost): void {
    const statusCode = code === 'WRITE_REFUSED' ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.INTERNAL_SERVER_ERROR;
    host.switchToHttp().getResponse<Response>().status(statusCode).json({ statusCode, code, message: what, fix });
  }
}
