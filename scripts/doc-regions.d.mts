export interface BlockFault {
  readonly line: number;
  readonly what: string;
}

export function findMarkdownFiles(root: string): string[];

export function syncBlocks(
  markdown: string,
  readSource: (path: string) => string | undefined,
): { readonly markdown: string; readonly faults: readonly BlockFault[] };
