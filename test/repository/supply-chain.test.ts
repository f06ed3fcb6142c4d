import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../../local/project.ts';

const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');
const found = (pattern: string): string[] =>
  globSync(pattern, { cwd: PROJECT }).map((file) => file.replaceAll('\\', '/'));

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly needs?: string;
  readonly steps: readonly { readonly run?: string }[];
}

const release = parse(read('.github/workflows/release.yml')) as {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
};

describe('the workflows', () => {
  it.each(found('.github/workflows/*.yml'))('%s names each action by a full commit, with its version', (file) => {
    const uses = [...read(file).matchAll(/\buses: *(.*)/g)].map(([, action = '']) => action);
    expect(uses.length).toBeGreaterThan(2);
    expect(uses.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });

  it('publish only after the tests, and only the publishing job may sign and write', () => {
    const { publish, ...others } = release.jobs;
    expect(release.permissions).toEqual({ contents: 'read' });
    expect(Object.values(others).map(({ permissions }) => permissions)).toEqual([undefined]);
    expect(publish).toMatchObject({
      needs: 'test',
      permissions: { contents: 'write', 'id-token': 'write', attestations: 'write' },
    });
    expect(others['test']?.steps.some(({ run }) => run === '.ci/run')).toBe(true);
    const published = publish?.steps.find(({ run }) => run?.includes('npm publish'))?.run;
    expect(published).toContain('--provenance --access public');
  });
});

it('an update of a package is proposed only when its release is 7 days old', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as { updates: { cooldown: object }[] };
  expect(updates.map(({ cooldown }) => cooldown)).toEqual(updates.map(() => ({ 'default-days': 7 })));
});
