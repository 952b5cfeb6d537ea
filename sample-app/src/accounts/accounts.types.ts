import { IsIn, IsInt, IsString, Length, Matches, Max, MaxLength, Min } from 'class-validator';

export const PERMISSIONS = ['accounts:write', 'catalog:write', 'inventory:write', 'pricing:write'] as const;
export type Permission = (typeof PERMISSIONS)[number];

export interface Customer {
  readonly id: string;
  readonly name: string;
}

export interface Wallet {
  readonly customerId: string;
  readonly cents: number;
}

export class RegistrationBody {
  @Matches(/^[a-z][a-z0-9-]{1,31}$/, { message: 'id must be 2 to 32 small letters, digits and dashes' })
  readonly id!: string;

  @IsString()
  @Length(1, 80)
  readonly name!: string;
}

export class PermissionParams {
  @IsString()
  @MaxLength(64)
  readonly customerId!: string;

  @IsIn(PERMISSIONS)
  readonly permission!: Permission;
}

export class DepositBody {
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly cents!: number;
}
