import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/*
 * A code block in the documentation is a region of a file that runs. In Markdown it follows a comment,
 *
 *     <!-- region: sample-app/src/pricing/pricing.service.ts#priceOf -->
 *
 * and the file marks the same lines with `// #region priceOf` and `// #endregion` (or `#` for the `//`).
 * Regions may nest; the marks of inner ones are left out. The block carries no indentation of the file's.
 * A page that a program writes as a whole opens with `<!-- generated: the command -->` and is left to that program.
 */

const MUST_RUN = new Set(['ts', 'tsx', 'typescript', 'mts', 'cts', 'js', 'jsx', 'javascript', 'mjs', 'cjs']);
const GENERATED = /^<!-- generated: /;
const FENCE = /^(\s*)(`{3,}|~{3,})\s*(\S*)/;
const MARKER = /^\s*<!--\s*region:\s*([^\s#]+)#(\S+)\s*-->\s*$/;
const OPENING = /^\s*(?:\/\/|#)\s*#region\s+(\S+)\s*$/;
const CLOSING = /^\s*(?:\/\/|#)\s*#endregion\b/;
const RUNS = /^(src|test|sample-app|bench|scripts)\//;
const NOT_OURS = new Set(['node_modules', 'dist', 'coverage']);

/** Every Markdown file of the repository, by its path from the top. */
export function findMarkdownFiles(root, folder = '') {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.') && !NOT_OURS.has(name))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return findMarkdownFiles(root, path);

      return path.endsWith('.md') ? [path] : [];
    })
    .sort();
}

/**
 * Writes every marked block anew from its region. `readSource` answers with a file's text, or `undefined`.
 * What cannot be written stays as it is and is told as a fault with its line.
 */
export function syncBlocks(markdown, readSource) {
  if (GENERATED.test(markdown)) return { markdown, faults: [] };

  const lines = markdown.split('\n');
  const written = [];
  const faults = [];

  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    written.push(line);
    const fence = FENCE.exec(line);
    if (fence === null) continue;

    const [, indentation, ticks, language] = fence;
    const end = lines.findIndex((each, index) => index > at && each.trim().startsWith(ticks));
    const last = end < 0 ? lines.length : end;
    const marker = MARKER.exec(written.slice(0, -1).findLast((each) => each.trim() !== '') ?? '');
    const { code, fault } = findBlock(marker, language, readSource);
    if (fault !== undefined) faults.push({ line: at + 1, what: fault });

    const indented = code?.map((each) => (each === '' ? '' : indentation + each));
    written.push(...(indented ?? lines.slice(at + 1, last)), ...lines.slice(last, last + 1));
    at = last;
  }

  return { markdown: written.join('\n'), faults };
}

function findBlock(marker, language, readSource) {
  if (marker === null) {
    return MUST_RUN.has(language) ? { fault: `a ${language} block without a "region:" comment before it` } : {};
  }

  const [, path, name] = marker;
  if (!RUNS.test(path)) return { fault: `${path} is not a file that runs` };
  const source = readSource(path);
  if (source === undefined) return { fault: `${path} does not exist` };

  return readRegion(source, path, name);
}

function readRegion(source, path, name) {
  const lines = source.split('\n');
  const isOpening = (line) => OPENING.exec(line)?.[1] === name;
  const start = lines.findIndex(isOpening);
  if (start < 0) return { fault: `${path} has no region ${name}` };
  if (lines.findLastIndex(isOpening) !== start) return { fault: `${path} has two regions ${name}` };

  const code = [];
  let depth = 1;
  for (const line of lines.slice(start + 1)) {
    if (OPENING.test(line)) depth += 1;
    else if (CLOSING.test(line)) depth -= 1;
    else code.push(line);
    if (depth === 0) return { code: withoutIndentation(code) };
  }

  return { fault: `${path} never closes its region ${name}` };
}

function withoutIndentation(lines) {
  const widths = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/));
  const width = Math.min(...widths);

  return lines.map((line) => line.slice(width).trimEnd());
}
