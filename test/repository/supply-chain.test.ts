import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROJECT } from '../../local/project.ts';

const read = (file: string): string => readFileSync(join(PROJECT, file), 'utf8');
const found = (pattern: string): string[] =>
  globSync(pattern, { cwd: PROJECT }).map((file) => file.replaceAll('\\', '/'));

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly needs?: string;
  readonly uses?: string;
  readonly steps: readonly { readonly run?: string }[];
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const workflow = (name: string): Workflow => parse(read(`.github/workflows/${name}.yml`)) as Workflow;

const ACTIONLINT = join(PROJECT, '.local', 'go', 'actionlint');

describe('the workflows', () => {
  it.each(found('.github/workflows/*.yml'))('%s names each action by a full commit, with its version', (file) => {
    const uses = [...read(file).matchAll(/\buses: *(.*)/g)].map(([, action = '']) => action);
    expect(uses.length).toBeGreaterThan(1);
    const named = uses.filter((action) => !action.startsWith('./.github/workflows/'));
    expect(named.filter((action) => !/^[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual([]);
  });

  it.each(found('.github/workflows/*.yml'))('%s installs by a lock file only', (file) => {
    expect(read(file)).toMatch(/^permissions:\n {2}contents: read$/m);
    // The hashes of a requirements file pin each package, as a lock file does.
    expect(read(file)).not.toMatch(
      /\bpip3? install (?!--require-hashes )|\bnpm (i|install|exec)\b|\bnpx (?!--no-install )|\bgo install\b/,
    );
  });

  // `npm test` compiles actionlint if Go is on the PATH. `npm run check:static` runs zizmor.
  it.skipIf(!existsSync(ACTIONLINT))('pass actionlint', () => {
    expect(execFileSync(ACTIONLINT, { cwd: PROJECT, encoding: 'utf8' })).toBe('');
  });

  it('publish only after the tests, and only the publishing job may sign and write', () => {
    const { permissions, jobs } = workflow('release');
    const { publish, ci } = jobs;
    expect(permissions).toEqual({ contents: 'read' });
    expect(Object.keys(jobs)).toEqual(['ci', 'publish']);
    expect(ci).toEqual({ uses: './.github/workflows/ci.yml' });
    expect(publish).toMatchObject({
      needs: 'ci',
      permissions: { contents: 'write', 'id-token': 'write', attestations: 'write' },
    });
    const commands = Object.values(workflow('ci').jobs).flatMap(({ steps }) => steps.map(({ run }) => run));
    expect(commands).toEqual(expect.arrayContaining(['.ci/run', 'npm run test:oldest', 'npm run release:dry-run']));
    const published = publish?.steps.find(({ run }) => run?.includes('npm publish'))?.run;
    expect(published).toContain('--provenance --access public');
  });
});

describe('Dependabot', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as {
    updates: { cooldown: object; directory?: string; directories?: string[] }[];
  };

  it('proposes an update of a package only when its release is 7 days old', () => {
    expect(updates.map(({ cooldown }) => cooldown)).toEqual(updates.map(() => ({ 'default-days': 7 })));
  });

  it('watches each folder that names packages', () => {
    const tracked = execFileSync('git', ['ls-files'], { cwd: PROJECT, encoding: 'utf8' }).split('\n');
    const manifests = tracked.filter((file) =>
      /(^|\/)(package-lock\.json|requirements\.txt|requirements\/.*\.txt|go\.mod|pom\.xml|versions\.tf)$/.test(file),
    );
    const watched = updates.flatMap(({ directory = [], directories = [] }) => [directory, directories].flat());
    const folders = new Set(manifests.map((file) => `/${dirname(file)}`.replace('/.', '/')));
    expect([...folders].filter((folder) => !watched.includes(folder))).toEqual(['/test/oldest']);
  });
});
