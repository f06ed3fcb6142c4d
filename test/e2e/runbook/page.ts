import { readFileSync } from 'node:fs';

/** The sections of a page in docs/, without the `#` of their headings. */
function sections(page = 'operations.md'): readonly string[] {
  return readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')
    .split(/^#{1,3} /m)
    .slice(1);
}

/**
 * The blocks of a language below a heading, without those of the subheadings.
 *
 * @throws Error if the page has none.
 */
export function blocksOf(heading: string, language: 'json' | 'sh', page?: string): readonly string[] {
  const section = sections(page).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const blocks = [...section.matchAll(new RegExp(`^ *\`\`\`${language}\n(.*?)^ *\`\`\``, 'gms'))];
  if (blocks.length === 0) {
    throw new Error(`The page has no block of ${language} below ${heading}.`);
  }
  return blocks.map(([, block = '']) => block);
}

/**
 * The commands of a page in docs/ below each heading: in code spans and in blocks of `sh`.
 *
 * @param page Default: the runbook.
 */
export function runbookCommands(page?: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    sections(page).flatMap((section) => {
      const [heading = ''] = section.split('\n');
      const blocks = [...section.matchAll(/^ *```sh\n(.*?)^ *```/gms)].flatMap(([, block = '']) => block.split('\n'));
      const spans = [...section.replaceAll(/^ *```.*?^ *```/gms, '').matchAll(/`([^`]+)`/g)].map(
        ([, code = '']) => code,
      );
      const commands = [...spans, ...blocks]
        .map((line) => line.trim().replaceAll(/\s+/g, ' '))
        .filter((line) => /^(npx|aws|zilliz-rotation) \S+/.test(line));
      return commands.length === 0 ? [] : [[heading, [...new Set(commands)]] as const];
    }),
  );
}

/** The entry of docs/operations.md that test/e2e/least-privilege.test.ts follows. */
export const KEY_CHANGED = 'The KMS key of a secret was changed';

export const KEY_COMMANDS = {
  readPolicy: 'aws kms get-key-policy --key-id KEY --policy-name default --query Policy --output text',
  storePolicy: 'aws kms put-key-policy --key-id KEY --policy-name default --policy file://policy.json',
} as const;
