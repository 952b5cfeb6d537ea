/** What a page says beside its code: where it can be linked to, what it links to, and which commands it names. */

export interface Link {
  readonly target: string;
  readonly line: number;
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchorsOf(markdown: string): readonly string[] {
  const seen = new Map<string, number>();

  return headingsOf(markdown).map((heading) => {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const repeats = seen.get(slug) ?? 0;
    seen.set(slug, repeats + 1);

    return repeats === 0 ? slug : `${slug}-${repeats}`;
  });
}

/** The text of every heading, without marks and links. */
export function headingsOf(markdown: string): readonly string[] {
  return withoutFences(markdown)
    .map((line) => /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1])
    .filter((heading) => heading !== undefined)
    .map((heading) => heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, ''));
}

/** Links to other places of this repository; addresses with a scheme are somebody else's. */
export function relativeLinksOf(markdown: string): readonly Link[] {
  return withoutFences(markdown).flatMap((line, index) => {
    const prose = line.replace(/`[^`]*`/g, (code) => code.replace(/[()[\]]/g, ' '));
    const inline = [...prose.matchAll(/\]\(\s*<?([^\s)>]+)>?[^)]*\)/g)];
    const definitions = [...prose.matchAll(/^\s*\[[^\]]+\]:\s*<?([^\s>]+)/g)];

    return [...inline, ...definitions]
      .map(([, target = '']) => ({ target, line: index + 1 }))
      .filter(({ target }) => !/^[a-z][a-z+.-]*:/i.test(target));
  });
}

/** The scripts that a page tells its reader to run, in prose and in code alike. */
export function npmScriptsOf(markdown: string): readonly string[] {
  const named = [...markdown.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = '']) => name);
  const short = [...markdown.matchAll(/\bnpm (test|start)\b/g)].map(([, name = '']) => name);

  return [...new Set([...named, ...short])];
}

/** Pages of docs/ that a text mentions by path, such as `@see docs/reference/errors.md#policy_invalid`. */
export function docsPagesOf(text: string): readonly Link[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      [...line.matchAll(/\bdocs\/[\w/-]+\.md(?:#[\w-]+)?/g)].map(([target]) => ({ target, line: index + 1 })),
    );
}

/**
 * Places of this repository that a page names in code marks, such as `test/cases/`. A pattern with `<` or `*` is none, and
 * `src/` may be a reader's own.
 */
export function placesOf(markdown: string): readonly Link[] {
  return withoutFences(markdown).flatMap((line, index) =>
    [...line.matchAll(/`((?:bench|docs|sample-app|scripts|test)\/[\w./-]*)`/g)].map(([, target = '']) => ({
      target,
      line: index + 1,
    })),
  );
}

/** The lines of a page with fenced code blanked out, so that line numbers stay true. */
function withoutFences(markdown: string): readonly string[] {
  let fence: string | undefined;

  return markdown.split('\n').map((line) => {
    const ticks = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === undefined && ticks === undefined) return line;
    if (fence === undefined) fence = ticks;
    else if (ticks?.startsWith(fence) === true) fence = undefined;

    return '';
  });
}
