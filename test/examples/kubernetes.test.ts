import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { LOCAL, PROJECT } from '../../local/project.ts';

const FOLDER = join(PROJECT, 'examples', 'kubernetes');

/** `npm test` downloads the schemas: local/setup/compiled-drivers.mjs. */
const SCHEMAS = join(LOCAL, 'go', 'schemas');
const SKIPPED = existsSync(SCHEMAS) ? '' : ' (skipped: no Go 1.26 on the PATH)';

// biome-ignore lint/suspicious/noExplicitAny: schemas check the manifests, and nothing the schemas.
type Json = any;

const FILES = globSync('*.yaml', { cwd: FOLDER }).sort();
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const manifestsOf = (text: string): Json[] =>
  parseAllDocuments(text).map((document) => {
    expect(document.errors).toEqual([]);
    return document.toJS();
  });
const objectsOf = ({ spec }: Json): Json => parse(spec.parameters.objects);

/** A type with properties has no others. A default is no value: a required field must be there. */
function strict(key: unknown, type: Json): Json {
  if (key === 'default') {
    return undefined;
  }
  return type?.properties === undefined ? type : { additionalProperties: false, ...type };
}

/** The type of a kind that Kubernetes brings, from its OpenAPI. */
function builtIn(file: string, name: string): z.ZodType {
  const text = readFileSync(join(SCHEMAS, `${file}_openapi.json`), 'utf8');
  const { components } = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/'), strict);
  return z.fromJSONSchema({ $ref: `#/$defs/io.k8s.${name}`, $defs: components.schemas });
}

/** The type of a kind of an operator, from its CustomResourceDefinition. */
function custom(file: string): z.ZodType {
  const { spec } = parse(readFileSync(join(SCHEMAS, `${file}.yaml`), 'utf8'), strict);
  const version = spec.versions.find(({ name, served }: Json) => name === 'v1' && served);
  return z.fromJSONSchema(version.schema.openAPIV3Schema);
}

const METADATA = (): z.ZodType => builtIn('api__v1', 'apimachinery.pkg.apis.meta.v1.ObjectMeta');

/** By apiVersion and kind. */
const KINDS: Readonly<Record<string, () => z.ZodType>> = {
  'v1 ServiceAccount': () => builtIn('api__v1', 'api.core.v1.ServiceAccount'),
  'apps/v1 Deployment': () => builtIn('apis__apps__v1', 'api.apps.v1.Deployment'),
  'external-secrets.io/v1 ClusterSecretStore': () => custom('external-secrets.io_clustersecretstores'),
  'external-secrets.io/v1 ExternalSecret': () => custom('external-secrets.io_externalsecrets'),
  'external-secrets.io/v1 SecretStore': () => custom('external-secrets.io_secretstores'),
  'secrets-store.csi.x-k8s.io/v1 SecretProviderClass': () => custom('secrets-store.csi.x-k8s.io_secretproviderclasses'),
};

/** The CRD takes any text here. The AWS provider, which has no schema, ignores a misspelt field. */
const AWS_PARAMETERS = z.strictObject({
  region: z.string(),
  usePodIdentity: z.enum(['true', 'false']).optional(),
  objects: z.string(),
});
const AWS_OBJECTS = z.array(
  z.strictObject({
    objectName: z.string(),
    objectType: z.literal('secretsmanager'),
    objectVersionLabel: z.literal('AWSCURRENT'),
    objectAlias: z.string(),
    jmesPath: z.array(z.strictObject({ path: z.string(), objectAlias: z.string() })),
  }),
);

function check(text: string): void {
  for (const manifest of manifestsOf(text)) {
    const kind = z.enum(Object.keys(KINDS)).parse(`${manifest.apiVersion} ${manifest.kind}`);
    KINDS[kind]?.().parse(manifest);
    METADATA().parse(manifest.metadata);
    if (manifest.kind === 'SecretProviderClass') {
      AWS_PARAMETERS.parse(manifest.spec.parameters);
      AWS_OBJECTS.parse(objectsOf(manifest));
    }
  }
}

describe.skipIf(SKIPPED)(`the manifests for Kubernetes pass the published schemas${SKIPPED}`, () => {
  it.each(FILES)('%s', (file) => {
    check(read(file));
  });

  it.each([
    ['external-secrets.yaml', 'refreshInterval:', 'refreshIntervall:'],
    ['external-secrets.yaml', 'property: token', 'properti: token'],
    ['external-secrets.yaml', 'service: SecretsManager', 'service: SecretManager'],
    ['external-secrets.yaml', 'region: us-west-2', ''],
    ['external-secrets.yaml', 'external-secrets.io/v1\n', 'external-secrets.io/v1beta1\n'],
    ['external-secrets.yaml', 'replicas: 2', 'replicas: two'],
    ['external-secrets.yaml', 'secretRef:', 'secretReference:'],
    ['secret-store-irsa.yaml', 'serviceAccountRef:', 'serviceAccount:'],
    ['secret-store-irsa.yaml', 'annotations:', 'anotations:'],
    ['secret-store-irsa.yaml', 'service: SecretsManager', 'service: SecretManager'],
    ['secret-store-irsa.yaml', 'region: us-west-2', ''],
    ['csi-files.yaml', 'mountPath:', 'mountpath:'],
    ['csi-files.yaml', 'usePodIdentity: "true"', 'usePodIdentity: true'],
    ['csi-files.yaml', 'objectType: secretsmanager', 'objectType: SecretsManager'],
    ['csi-files.yaml', 'driver: secrets-store.csi.k8s.io', ''],
    ['csi-synced.yaml', 'secretObjects:', 'secretObject:'],
    ['csi-synced.yaml', 'key: MILVUS_TOKEN', 'keys: MILVUS_TOKEN'],
    ['csi-synced.yaml', 'usePodIdentity: "true"', 'usePodIdentity: "yes"'],
    ['csi-synced.yaml', 'objectName: milvus/orders', ''],
  ])('%s is refused with %j written as %j', (file, right, wrong) => {
    expect(read(file)).toContain(right);
    expect(() => check(read(file).replace(right, wrong))).toThrow(z.ZodError);
  });
});

describe('the manifests for Kubernetes', () => {
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
    const properties = ExternalSecret?.['spec'].data.map(({ remoteRef }: Json) => remoteRef.property);
    const synced = byKind(manifestsOf(read('csi-synced.yaml')))['SecretProviderClass'] ?? {};
    const [object = {}] = objectsOf(synced);
    expect(properties).toEqual(['endpoint', 'token']);
    expect(object['jmesPath'].map(({ path }: Json) => path)).toEqual(properties);
    const files = object['jmesPath'].map(({ objectAlias }: Json) => objectAlias);
    expect(synced['spec'].secretObjects[0].data.map(({ objectName }: Json) => objectName)).toEqual(files);
  });
});

const byKind = (manifests: Json[]): Record<string, Json | undefined> =>
  Object.fromEntries(manifests.map((manifest) => [manifest['kind'], manifest]));
