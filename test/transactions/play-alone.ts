import { clsToldByDrizzle, clsToldByHost } from './adapters/nestjs-cls.js';
import { NumbersTable } from './numbers-table.js';
import { PROPAGATIONS } from './propagations.js';
import { SCENARIOS } from './scenarios.js';
import { Theatre } from './stage.js';

/*
 * Plays every scenario in a process outside of jest, whose module registry on Node 20 cannot load a CommonJS package that requires
 * Nest. Prints one line for each: its title, and what went wrong.
 */

const [, , told = ''] = process.argv;
const table = new NumbersTable();
const scenarios = told === 'host' ? [...SCENARIOS, ...PROPAGATIONS] : SCENARIOS;
const theatre = await Theatre.open(told === 'host' ? clsToldByHost : clsToldByDrizzle, table);
for (const scenario of scenarios) {
  const fault = await theatre.play(scenario).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.stack : String(error)),
  );
  console.log(JSON.stringify({ title: scenario.title, fault }));
}
await theatre.close();
await table.close();
