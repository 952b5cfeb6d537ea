import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  ForbiddenException,
  Injectable,
  UnauthorizedException,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { AccountsService } from './accounts.service.js';
import type { Customer, Permission } from './accounts.types.js';

type RequiredAccess = 'signed-in' | Permission;

/** Who may call a handler: anybody who has signed in, or those who hold a permission. Without it: everybody. */
export const Access = Reflector.createDecorator<RequiredAccess>();

/** The customer who sent the request. Only on handlers that ask for {@link Access}. */
export const CurrentCustomer = createParamDecorator((_: unknown, context: ExecutionContext): Customer => {
  const customer = customerOf(context);
  if (customer === undefined) throw new UnauthorizedException();

  return customer;
});

const customers = new WeakMap<Request, Customer>();

/** Whom {@link AccessGuard} recognised, if anybody. This is what the module's `identity` option reads. */
export function customerOf(context: ExecutionContext): Customer | undefined {
  return customers.get(context.switchToHttp().getRequest<Request>());
}

/**
 * Recognises customers and keeps everybody out of where they may not go.
 *
 * A sample, not a lock: `Authorization: Bearer ada` is Ada, whoever sends it. Put real authentication in its place.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly accounts: AccountsService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const customer = await this.recognise(context);
    const required = this.reflector.get(Access, context.getHandler()) as RequiredAccess | undefined;
    if (required === undefined) return true;

    if (customer === undefined) throw new UnauthorizedException('Send "Authorization: Bearer <customer id>"');
    if (required === 'signed-in') return true;

    const held = await this.accounts.permissionsOf(customer.id);
    if (!held.includes(required)) throw new ForbiddenException(`${customer.id} lacks the permission ${required}`);

    return true;
  }

  private async recognise(context: ExecutionContext): Promise<Customer | undefined> {
    const request = context.switchToHttp().getRequest<Request>();
    const [, id] = /^Bearer (\S{1,64})$/.exec(request.headers.authorization ?? '') ?? [];
    if (id === undefined) return undefined;

    const customer = await this.accounts.customer(id);
    if (customer === undefined) throw new UnauthorizedException(`No customer ${id}`);
    customers.set(request, customer);

    return customer;
  }
}
