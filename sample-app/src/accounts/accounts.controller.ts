import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { Access, CurrentCustomer } from './access.guard.js';
import { AccountsService } from './accounts.service.js';
import { type Customer, DepositBody, PermissionParams, RegistrationBody, type Wallet } from './accounts.types.js';

@Controller()
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Post('customers')
  register(@Body() customer: RegistrationBody): Promise<Customer> {
    return this.accounts.register(customer);
  }

  @Get('me')
  @Access('signed-in')
  async me(@CurrentCustomer() customer: Customer): Promise<Customer & { permissions: readonly string[] }> {
    return { ...customer, permissions: await this.accounts.permissionsOf(customer.id) };
  }

  @Get('me/wallet')
  @Access('signed-in')
  wallet(@CurrentCustomer() customer: Customer): Promise<Wallet> {
    return this.accounts.walletOf(customer.id);
  }

  @Post('me/wallet/deposits')
  @Access('signed-in')
  async deposit(@CurrentCustomer() customer: Customer, @Body() { cents }: DepositBody): Promise<Wallet> {
    await this.accounts.deposit(customer.id, cents);

    return this.accounts.walletOf(customer.id);
  }

  @Put('customers/:customerId/permissions/:permission')
  @Access('accounts:write')
  @HttpCode(204)
  grant(@Param() { customerId, permission }: PermissionParams): Promise<void> {
    return this.accounts.grant(customerId, permission);
  }

  @Delete('customers/:customerId/permissions/:permission')
  @Access('accounts:write')
  @HttpCode(204)
  revoke(@Param() { customerId, permission }: PermissionParams): Promise<void> {
    return this.accounts.revoke(customerId, permission);
  }
}
