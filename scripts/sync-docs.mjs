// Rewrites the code blocks of every Markdown file from the files that run; see doc-regions.mjs for the marks.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findMarkdownFiles, syncBlocks } from './doc-regions.mjs';

const root = join(import.meta.dirname, '..');
const read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined);

for (const path of findMarkdownFiles(root)) {
  const before = read(path);
  const { markdown, faults } = syncBlocks(before, read);

  if (markdown !== before) {
    writeFileSync(join(root, path), markdown);
    console.log(`${path} rewritten`);
  }
  for (const { line, what } of faults) {
    console.error(`${path}:${line} ${what}`);
    process.exitCode = 1;
  }
}
