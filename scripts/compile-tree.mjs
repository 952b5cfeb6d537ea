import { transform } from '@swc/core';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';

/*
 * The library, its tests and the shop as plain JavaScript, in a folder that nobody else has: for processes that run outside of
 * Jest, and for copies of the library that differ from it. Types are not looked at, so it takes a second.
 */

const ROOT = join(import.meta.dirname, '..');
const SPEC = /[.-]spec\.ts$/;
const ASSETS = ['sample-app/src/database/schema.sql', 'sample-app/src/database/shop.tar.gz'];

/** What is compiled, and what its processes may be asked to run. */
const PARTS = { library: ['src'], shop: ['src', 'sample-app/src'], tests: ['src', 'test'] };

export class ChangeNotFoundError extends Error {
  constructor({ file, find }, times) {
    super(`${file} has ${times} places that read ${JSON.stringify(find)}, not one`);
    this.name = 'ChangeNotFoundError';
  }
}

export async function compileTree(parts, changes = []) {
  const folder = mkdtempSync(join(tmpdir(), 'consistent-cache-'));
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await compileInto(folder, PARTS[parts], changes);
  } catch (error) {
    remove();
    throw error;
  }

  return { folder, pathOf: (file) => join(folder, file.replace(/\.ts$/, '.js')), remove };
}

async function compileInto(folder, from, changes) {
  // The package is found by its own name, which Node looks up in the nearest package.json; `dist` is what that names.
  copyFileSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  symlinkSync('src', join(folder, 'dist'));
  const files = from.flatMap((part) =>
    readdirSync(join(ROOT, part), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !SPEC.test(file) && !file.includes('node_modules'))
      .map((file) => `${part}/${file}`.split(sep).join('/')),
  );
  for (const { file } of changes) if (!files.includes(file)) throw new Error(`There is no ${file} to change`);
  await Promise.all(
    files.map((file) => {
      const own = changes.filter((change) => change.file === file);
      return compile(file, join(folder, file.replace(/\.ts$/, '.js')), own);
    }),
  );
  for (const asset of ASSETS.filter((each) => from.some((part) => each.startsWith(`${part}/`)))) {
    copyFileSync(join(ROOT, asset), join(folder, asset));
  }
}

/** What this process has compiled before: one tree for each of many small changes differs from the last in a file or two. */
const compiled = new Map();

async function compile(file, target, changes) {
  mkdirSync(dirname(target), { recursive: true });
  const source = join(ROOT, file);
  const text = changes.reduce(applyTo, readFileSync(source, 'utf8'));
  const known = compiled.get(file);
  if (known?.text === text) {
    writeFileSync(target, known.code);
    return;
  }
  const options = {
    filename: source,
    swcrc: false,
    configFile: false,
    sourceMaps: 'inline',
    module: { type: 'es6' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      keepClassNames: true,
    },
  };
  const { code } = await transform(text, options);
  if (changes.length === 0) compiled.set(file, { text, code });
  writeFileSync(target, code);
}

function applyTo(text, change) {
  const times = text.split(change.find).length - 1;
  if (times !== 1) throw new ChangeNotFoundError(change, times);

  return text.replace(change.find, () => change.replace);
}
