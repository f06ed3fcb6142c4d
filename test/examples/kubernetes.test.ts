import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { PROJECT } from '../../local/project.ts';
import type { Kinds } from './support/kubernetes-kinds.ts';

const FOLDER = join(PROJECT, 'examples', 'kubernetes');
const KINDS = join(import.meta.dirname, 'support', 'kubernetes-kinds.ts');
const OBJECTS: keyof Kinds = 'objects of the AWS provider';
const TSC = ['--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext'];

// biome-ignore lint/suspicious/noExplicitAny: the compiler checks the manifests by their types.
type Manifest = Record<string, any>;

const FILES = globSync('*.yaml', { cwd: FOLDER }).sort();
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const manifestsOf = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS() as Manifest;
  });
const objectsOf = ({ spec }: Manifest): Manifest[] => parse(spec.parameters.objects) as Manifest[];

/**
 * The errors of the TypeScript compiler for the manifests as literals of their types. It refuses
 * an unknown field, a wrong type, an unknown value of an enumeration and a missing field.
 */
function errorsOf(text: string): string {
  const values = manifestsOf(text).flatMap((manifest): [kind: string, value: unknown][] => [
    [`${manifest['apiVersion']} ${manifest['kind']}`, manifest],
    ...(manifest['kind'] === 'SecretProviderClass' ? [[OBJECTS, objectsOf(manifest)] as [string, unknown]] : []),
  ]);
  const lines = values.map(([kind, value]) => `(${JSON.stringify(value)}) satisfies Kinds[${JSON.stringify(kind)}];`);
  const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
  try {
    const file = join(folder, 'manifests.ts');
    writeFileSync(file, [`import type { Kinds } from ${JSON.stringify(KINDS)};`, ...lines].join('\n'));
    const compiler = join(PROJECT, 'node_modules', '.bin', 'tsc');
    const result = spawnSync(compiler, [...TSC, '--allowImportingTsExtensions', file], { encoding: 'utf8' });
    expect(result.error).toBeUndefined();
    return result.stdout + result.stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the manifests for Kubernetes', () => {
  it.each(FILES)('%s has only known fields with right types', (file) => {
    expect(errorsOf(read(file))).toBe('');
  });

  it.each([
    ['external-secrets.yaml', 'refreshInterval:', 'refreshIntervall:'],
    ['external-secrets.yaml', 'property: token', 'properti: token'],
    ['external-secrets.yaml', 'service: SecretsManager', 'service: SecretManager'],
    ['external-secrets.yaml', 'region: us-west-2', 'regin: us-west-2'],
    ['external-secrets.yaml', 'external-secrets.io/v1\n', 'external-secrets.io/v1beta1\n'],
    ['external-secrets.yaml', 'replicas: 2', 'replicas: two'],
    ['external-secrets.yaml', 'secretRef:', 'secretReference:'],
    ['secret-store-irsa.yaml', 'serviceAccountRef:', 'serviceAccount:'],
    ['secret-store-irsa.yaml', 'annotations:', 'anotations:'],
    ['csi-files.yaml', 'mountPath:', 'mountpath:'],
    ['csi-files.yaml', 'usePodIdentity: "true"', 'usePodIdentity: true'],
    ['csi-files.yaml', 'jmesPath:', 'jmesPaths:'],
    ['csi-synced.yaml', 'secretObjects:', 'secretObject:'],
    ['csi-synced.yaml', 'key: MILVUS_TOKEN', 'keys: MILVUS_TOKEN'],
  ])('%s is refused with %j written as %j', (file, right, wrong) => {
    expect(read(file)).toContain(right);
    expect(errorsOf(read(file).replace(right, wrong))).toMatch(/error TS\d+/);
  });

  it.each(['external-secrets.yaml', 'csi-synced.yaml'])(
    '%s: Reloader watches the Secret that the pods read',
    (file) => {
      const { ExternalSecret, SecretProviderClass, Deployment } = byKind(manifestsOf(read(file)));
      const written = ExternalSecret?.['spec'].target.name ?? SecretProviderClass?.['spec'].secretObjects[0].secretName;
      const [container] = Deployment?.['spec'].template.spec.containers ?? [];
      expect(written).toBe('milvus');
      expect(container.envFrom).toEqual([{ secretRef: { name: written } }]);
      expect(Deployment?.['metadata'].annotations).toEqual({ 'secret.reloader.stakater.com/reload': written });
    },
  );

  it('read keys that each rotation writes, and name no file that does not exist', () => {
    const { ExternalSecret } = byKind(manifestsOf(read('external-secrets.yaml')));
    const properties = ExternalSecret?.['spec'].data.map(({ remoteRef }: Manifest) => remoteRef.property);
    const synced = byKind(manifestsOf(read('csi-synced.yaml')))['SecretProviderClass'] ?? {};
    const [object = {}] = objectsOf(synced);
    expect(properties).toEqual(['endpoint', 'token']);
    expect(object['jmesPath'].map(({ path }: Manifest) => path)).toEqual(properties);
    const files = object['jmesPath'].map(({ objectAlias }: Manifest) => objectAlias);
    expect(synced['spec'].secretObjects[0].data.map(({ objectName }: Manifest) => objectName)).toEqual(files);
  });
});

const byKind = (manifests: Manifest[]): Record<string, Manifest | undefined> =>
  Object.fromEntries(manifests.map((manifest) => [manifest['kind'], manifest]));
