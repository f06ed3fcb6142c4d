import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../../infra/monitoring/rotation-alarms.ts';
import { OPTIONS, RESOLVE } from './architecture-rules.ts';

interface Manifest {
  readonly version?: string;
  readonly license?: string;
  readonly repository?: object;
  readonly publishConfig?: object;
  readonly engines?: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, '..', '..');
const PACKAGES = globSync('packages/*/package.json', { cwd: ROOT }).map((manifest) =>
  dirname(manifest).replaceAll(sep, '/'),
);

const read = <T>(file: string): T => JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as T;

const manifestOf = (folder: string): Manifest => read(join(folder, 'package.json'));

/** The modules that a package is compiled from. */
function entriesOf(folder: string): string[] {
  const { files } = read<{ files: string[] }>(join(folder, 'tsconfig.json'));
  return files.map((file) => posix.join(folder, file));
}

/**
 * The npm packages that these modules and every module reachable from them import, types
 * included.
 */
async function importedFrom(entries: string[]): Promise<string[]> {
  const { output } = await cruise(entries, OPTIONS, RESOLVE);
  const { modules } = output as ICruiseResult;
  const imports = modules
    .filter(({ source }) => source.endsWith('.ts') && !source.startsWith('node_modules/'))
    // The command imports types of these modules only, and publishes no types.
    .filter(({ source }) => !/^cli\/.*json-schema/.test(source))
    .flatMap(({ dependencies }) => dependencies)
    .filter(({ module, dependencyTypes }) => !module.startsWith('.') && !dependencyTypes.includes('core'))
    .flatMap(({ module }) => /^(@[^/]+\/)?[^/]+/.exec(module)?.[0] ?? []);
  return [...new Set(imports)].sort();
}

describe('the manifests of the packages', () => {
  it('and the manifest of the workspace name the same version of each dependency', () => {
    expect(PACKAGES).toHaveLength(3);
    const named = ['.', ...PACKAGES].flatMap((folder) => {
      const { dependencies, devDependencies } = manifestOf(folder);
      // The client takes later versions too, so that an application installs each package once.
      const all = Object.entries({ ...dependencies, ...devDependencies });
      return all.map(([name, range]): [string, string] => [name, range.replace(/^\^/, '')]);
    });
    expect(named.length).toBeGreaterThan(30);
    const versions = Object.values(Object.groupBy(named, ([dependency]) => dependency));
    expect(versions.filter((entries) => new Set(entries?.map(String)).size > 1)).toEqual([]);
  });

  it('need the same Node, which the launcher of the command names', () => {
    expect(new Set(PACKAGES.map((folder) => manifestOf(folder).engines?.node))).toEqual(new Set(['>=22.13']));
    const launcher = readFileSync(join(ROOT, 'packages', 'cli', 'zilliz-rotation.mjs'), 'utf8');
    expect(launcher).toContain('22.13');
  });

  it.each(PACKAGES)('have what the provenance of npm needs: %s', (directory) => {
    expect(manifestOf(directory)).toMatchObject({
      repository: { type: 'git', url: `git+${REPOSITORY}.git`, directory },
      publishConfig: { access: 'public', provenance: true },
      license: 'Apache-2.0',
    });
  });

  it.each(['.', 'packages/constructs', 'packages/cli'])('name exact versions of their dependencies: %s', (folder) => {
    const { dependencies = {}, devDependencies = {} } = manifestOf(folder);
    const versions = Object.values({ ...dependencies, ...devDependencies });
    expect(versions.length).toBeGreaterThan(1);
    expect(versions.filter((version) => !/^(npm:(@?[\w-]+\/)?[\w-]+@)?\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  it.each(PACKAGES)('depend on exactly the npm packages that their modules import: %s', async (folder) => {
    const { dependencies, peerDependencies } = manifestOf(folder);
    expect(await importedFrom(entriesOf(folder))).toEqual(Object.keys({ ...dependencies, ...peerDependencies }).sort());
  });
});

describe('CHANGELOG.md', () => {
  const changelog = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const headings = [...changelog.matchAll(/^## \[(.*)\](?: - \d{4}-\d\d-\d\d)?$/gm)].map(([, version = '']) => version);

  it('names the release that the test of an upgrade starts from', () => {
    const { version = '' } = manifestOf('packages/constructs');
    const previous = headings.filter((heading) => heading !== 'Unreleased' && heading !== version)[0] ?? '';
    const fixture = `zilliz-secret-rotation-${previous}.tgz`;
    expect(existsSync(join(ROOT, 'test', 'e2e', 'fixtures', fixture))).toBe(true);
    expect(readFileSync(join(ROOT, 'test', 'e2e', 'support', 'package-app.ts'), 'utf8')).toContain(fixture);
  });
});
