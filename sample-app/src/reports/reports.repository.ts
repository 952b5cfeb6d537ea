import { Injectable } from '@nestjs/common';
import { asc, sql } from 'drizzle-orm';
import { Database } from '../database/database.js';
import { customers } from '../database/tables.js';
import type { MonthOfRegistrations } from './reports.types.js';

const month = sql<Date>`date_trunc('month', ${customers.registeredAt} AT TIME ZONE 'UTC')`;

@Injectable()
export class ReportsRepository {
  constructor(private readonly database: Database) {}

  /** Counts all earlier customers again for each month. Expensive on purpose, as reports are. */
  registrationsByMonth(): Promise<MonthOfRegistrations[]> {
    return this.database.read((orm) => {
      const months = orm
        .select({ first: month.as('first'), registered: sql<number>`cast(count(*) AS integer)`.as('registered') })
        .from(customers)
        .groupBy(month)
        .as('months');

      return orm
        .select({
          month: sql<string>`to_char(${months.first}, 'YYYY-MM')`,
          registered: months.registered,
          total: sql<number>`(
            SELECT cast(count(*) AS integer) FROM customers AS earlier
            WHERE date_trunc('month', earlier.registered_at AT TIME ZONE 'UTC') <= ${months.first}
          )`,
        })
        .from(months)
        .orderBy(asc(months.first));
    });
  }
}
