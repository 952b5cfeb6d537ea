/**
 * A scenario runs in a process of its own: what one leaves behind (compiled code, heap, an AsyncLocalStorage that has
 * been entered) must not colour the next.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Called by run.mjs. */
export async function runScenario(file, options) {
  const child = fork(new URL(`../scenarios/${file}`, import.meta.url), [JSON.stringify(options)], {
    execArgv: ['--expose-gc'],
  });
  let result;
  child.on('message', (message) => {
    result = message;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0 || result === undefined) {
    throw new Error(
      `${file} ended with code ${code} before it had a result. Run it alone: node --expose-gc bench/scenarios/${file} '${JSON.stringify(options)}'`,
    );
  }

  return result;
}

/** Called at the end of a scenario's file. Run by hand, without a parent, the result goes to the console. */
export async function report(scenario) {
  const result = await scenario(JSON.parse(process.argv[2] ?? '{}'));
  if (process.send) await new Promise((sent) => process.send(result, sent));
  else console.log(JSON.stringify(result, null, 2));
  // Some peers keep timers; nothing is left to wait for.
  process.exit(0);
}
