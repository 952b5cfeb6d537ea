/**
 * Compiles the library and its tests, and runs the harness with the arguments of this command:
 *
 *   node test/consistency/harness/run.mjs --share ci
 */
import { spawn } from 'node:child_process';
import { compileTree } from '../../../scripts/compile-tree.mjs';

const tree = await compileTree('tests');
const main = tree.pathOf('test/consistency/harness/main.ts');
const harness = spawn(process.execPath, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
harness.once('exit', (code) => {
  tree.remove();
  process.exit(code ?? 2);
});
