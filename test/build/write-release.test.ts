import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync, strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundledPackages, thirdPartyNotices } from '../../build/bundled-packages.ts';
import { type Bundle, bundle, FUNCTIONS, type ReleasedFunction } from '../../build/function-bundle.ts';
import { versionOfCode } from '../../infra/function/function-code.ts';
import { PROJECT } from '../../local/project.ts';

const run = promisify(execFile);
const temporary = mkdtempSync(join(tmpdir(), 'release-'));
const first = join(temporary, 'first');

async function release(folder: string, variables: NodeJS.ProcessEnv): Promise<void> {
  await run(process.execPath, [join(PROJECT, 'build', 'release.ts'), folder], {
    env: { ...process.env, ...variables },
  });
}

const read = (folder: string): ReadonlyMap<string, Buffer> =>
  new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));

/** The file with the code of a function. */
const zipOf = (fn: ReleasedFunction): string => readdirSync(first).find((file) => file.startsWith(`${fn}-`)) ?? '';

beforeAll(async () => {
  await release(first, { TZ: 'UTC' });
});

afterAll(() => rmSync(temporary, { recursive: true }));

describe('a release', () => {
  it('holds the two functions, what describes them, the package for Python, and a checksum of each file', () => {
    const files = read(first);
    expect([...files.keys()]).toEqual([
      'SHA256SUMS',
      'environment.schema.json',
      'iam-policy.json',
      expect.stringMatching(/^overdue-function-.+-[0-9a-f]{12}\.zip$/),
      expect.stringMatching(/^rotation-function-.+-[0-9a-f]{12}\.zip$/),
      'sbom.cdx.json',
      'template.yaml',
      expect.stringMatching(/^zilliz_secret_client-[\d.]+-py3-none-any\.whl$/),
      expect.stringMatching(/^zilliz_secret_client-[\d.]+\.tar\.gz$/),
    ]);
    const sums = [...files]
      .filter(([file]) => file !== 'SHA256SUMS')
      .map(([file, content]) => `${createHash('sha256').update(content).digest('hex')}  ${file}\n`);
    expect(String(files.get('SHA256SUMS'))).toBe(sums.join(''));
  });

  it('has the same bytes in another output folder, at another time and in another time zone', async () => {
    const second = join(temporary, 'another', 'folder');
    await release(second, { TZ: 'Asia/Tokyo' });
    expect([...read(second)].map(([file, content]) => [file, content.toString('base64')])).toEqual(
      [...read(first)].map(([file, content]) => [file, content.toString('base64')]),
    );
  });

  it('names no path of the machine that built it', () => {
    const texts = [...read(first)].flatMap(([file, content]) => {
      if (/\.(zip|whl)$/.test(file)) {
        return Object.values(unzipSync(content)).map((entry) => strFromU8(entry));
      }
      return [strFromU8(file.endsWith('.gz') ? gunzipSync(content) : content)];
    });
    expect(texts.length).toBe(32);
    expect(texts.filter((text) => text.includes(PROJECT) || text.includes(temporary))).toEqual([]);
  });
});

describe.each<ReleasedFunction>(['rotation', 'overdue'])('the zip of the %s function', (fn) => {
  let built: Bundle;

  beforeAll(async () => {
    built = await bundle(FUNCTIONS[fn]);
  });

  it('holds the code that the constructs deploy, and the licences of all code in it', () => {
    const entries = unzipSync(readFileSync(join(first, zipOf(fn))));
    expect(Object.fromEntries(Object.entries(entries).map(([name, text]) => [name, strFromU8(text)]))).toEqual({
      'index.js': built.code,
      LICENSE: readFileSync(join(PROJECT, 'LICENSE'), 'utf8'),
      'THIRD-PARTY-NOTICES.txt': thirdPartyNotices(PROJECT, built.files),
    });
  });

  it('has the version of its code in its name, in its object key and in the description of the function', () => {
    const version = versionOfCode(built.code);
    expect(zipOf(fn)).toBe(`${fn}-function-${version.replace('+', '-')}.zip`);
    const template = readFileSync(join(first, 'template.yaml'), 'utf8');
    expect(template).toContain(`- zilliz-secret-rotation/${zipOf(fn)}\n`);
    expect(template).toMatch(
      new RegExp(`^ +Description: .* \\(zilliz-secret-rotation ${version.replace('+', '\\+')}\\)$`, 'm'),
    );
  });

  it('is described by the software bill of materials: its hash, its packages and their licences', () => {
    const content = createHash('sha256')
      .update(readFileSync(join(first, zipOf(fn))))
      .digest('hex');
    const packages = bundledPackages(PROJECT, built.files).map(({ name, version, license }) => {
      const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
      return { type: 'library', 'bom-ref': purl, name, version, licenses: [{ license: { id: license } }], purl };
    });
    const { components, dependencies } = bom();
    const archive = components.find(({ name }) => name === zipOf(fn));
    expect(archive).toMatchObject({ hashes: [{ alg: 'SHA-256', content }] });
    expect(components).toEqual(expect.arrayContaining(packages));
    expect(dependencies).toContainEqual({ ref: archive?.['bom-ref'], dependsOn: packages.map(({ purl }) => purl) });
  });
});

interface Bom {
  readonly components: readonly { readonly name: string; readonly 'bom-ref': string }[];
  readonly dependencies: readonly { readonly dependsOn?: readonly string[] }[];
}

const bom = (): Bom => JSON.parse(readFileSync(join(first, 'sbom.cdx.json'), 'utf8')) as Bom;

it('the software bill of materials is CycloneDX 1.6 and names each part once, with no random and no time in it', () => {
  const { components, dependencies, ...head } = bom();
  expect(head).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
  const refs = components.map((component) => component['bom-ref']);
  expect(new Set(refs).size).toBe(refs.length);
  expect(dependencies.flatMap(({ dependsOn = [] }) => dependsOn).filter((ref) => !refs.includes(ref))).toEqual([]);
  expect(JSON.stringify(bom())).not.toMatch(/serialNumber|timestamp/);
});
