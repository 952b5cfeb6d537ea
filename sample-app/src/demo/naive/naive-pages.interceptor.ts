import { CacheInterceptor } from '@nestjs/cache-manager';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request } from 'express';

/** Nest's own response cache on two pages, as its guide shows it: the key is the address. */
@Injectable()
export class NaivePagesInterceptor extends CacheInterceptor {
  private readonly pages = ['/cart', '/reports/registrations'];

  protected override isRequestCacheable(context: ExecutionContext): boolean {
    const { path } = context.switchToHttp().getRequest<Request>();

    return super.isRequestCacheable(context) && this.pages.includes(path);
  }
}
