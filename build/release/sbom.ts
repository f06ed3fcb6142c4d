import { createHash } from 'node:crypto';
import type { BundledPackage } from '../bundled-packages.ts';
import type { FunctionArchive } from './function-archive.ts';

/**
 * What is in the archives, in the JSON format of CycloneDX 1.6. Without a serial number and a
 * date, so that the same commit gives the same file.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 */
export function sbom(version: string, archives: readonly FunctionArchive[]): object {
  const product = component('application', { name: 'zilliz-secret-rotation', version, license: 'Apache-2.0' });
  const packages = new Map(archives.flatMap(({ packages: bundled }) => bundled.map((each) => [purlOf(each), each])));
  const files = archives.map(({ file, zip }) => ({
    ...component('file', { name: file, version, license: 'Apache-2.0' }),
    hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(zip).digest('hex') }],
  }));
  const libraries = [...packages].map(([purl, bundled]) => ({
    ...component('library', bundled),
    'bom-ref': purl,
    purl,
  }));
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: product },
    components: [...files, ...libraries],
    dependencies: [
      { ref: product['bom-ref'], dependsOn: files.map((file) => file['bom-ref']) },
      ...archives.map(({ packages: bundled }, index) => ({
        ref: files[index]?.['bom-ref'],
        dependsOn: bundled.map(purlOf),
      })),
    ],
  };
}

type Type = 'application' | 'file' | 'library';

function component(type: Type, { name, version, license }: Omit<BundledPackage, 'folder'>) {
  return { type, 'bom-ref': `${name}@${version}`, name, version, licenses: [{ license: { id: license } }] };
}

function purlOf({ name, version }: BundledPackage): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
