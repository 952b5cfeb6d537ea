import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { Cacheable, CacheEvict, NoCache } from 'nestjs-consistent-cache';
import { AccountsRepository } from './accounts.repository.js';
import type { Customer, Permission, Wallet } from './accounts.types.js';

@Injectable()
export class AccountsService {
  constructor(private readonly accounts: AccountsRepository) {}

  customer(id: string): Promise<Customer | undefined> {
    return this.accounts.findCustomer(id);
  }

  async register(customer: Customer): Promise<Customer> {
    if (!(await this.accounts.register(customer))) throw new ConflictException(`${customer.id} is taken`);

    return customer;
  }

  // #region permissionsOf
  /**
   * Linearizable: once anybody has seen that a permission is gone, nobody on any instance sees it again, not even while
   * the revocation is still under way. The price is paid by the writes: a grant or revocation that cannot be announced,
   * because the store does not answer, is refused before it touches the database.
   */
  @Cacheable({
    consistency: 'linearizable',
    scope: 'user',
    owner: 'accounts',
    userKey: (customerId: string) => customerId,
    tags: { permissions: (customerId: string) => customerId },
  })
  permissionsOf(customerId: string): Promise<string[]> {
    return this.accounts.permissionsOf(customerId);
  }
  // #endregion

  @CacheEvict({ tags: { permissions: (customerId: string) => customerId } })
  async grant(customerId: string, permission: Permission): Promise<void> {
    await this.expectCustomer(customerId);
    await this.accounts.grant(customerId, permission);
  }

  @CacheEvict({ tags: { permissions: (customerId: string) => customerId } })
  async revoke(customerId: string, permission: Permission): Promise<void> {
    await this.expectCustomer(customerId);
    await this.accounts.revoke(customerId, permission);
  }

  @NoCache({ because: 'money: a balance is never kept anywhere, not even in a browser' })
  async walletOf(customerId: string): Promise<Wallet> {
    const wallet = await this.accounts.walletOf(customerId);
    if (wallet === undefined) throw new NotFoundException(`No wallet for ${customerId}`);

    return wallet;
  }

  deposit(customerId: string, cents: number): Promise<void> {
    return this.accounts.deposit(customerId, cents);
  }

  async charge(customerId: string, cents: number): Promise<void> {
    const charged = await this.accounts.charge(customerId, cents);
    if (!charged) throw new ConflictException(`The wallet does not hold ${cents} cents`);
  }

  private async expectCustomer(id: string): Promise<void> {
    if ((await this.accounts.findCustomer(id)) === undefined) throw new NotFoundException(`No customer ${id}`);
  }
}
