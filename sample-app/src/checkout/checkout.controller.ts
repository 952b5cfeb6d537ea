import { Controller, Post } from '@nestjs/common';
import { Access, CurrentCustomer } from '../accounts/access.guard.js';
import type { Customer } from '../accounts/accounts.types.js';
import { CheckoutService } from './checkout.service.js';
import type { Order } from './checkout.types.js';

@Controller('orders')
export class CheckoutController {
  constructor(private readonly checkout: CheckoutService) {}

  @Post()
  @Access('signed-in')
  place(@CurrentCustomer() customer: Customer): Promise<Order> {
    return this.checkout.placeOrder(customer.id);
  }
}
