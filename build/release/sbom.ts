import { createHash } from 'node:crypto';
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import { PackageURL } from 'packageurl-js';
import parseExpression from 'spdx-expression-parse';
import type { BundledPackage } from '../bundled-packages.ts';
import type { FunctionArchive } from './function-archive.ts';

const licences = new Contrib.License.Factories.LicenseFactory(parseExpression);

/**
 * What is in the archives, in the JSON format of CycloneDX 1.6. Without a serial number and a
 * date, so that the same commit gives the same file.
 */
export function sbom(version: string, archives: readonly FunctionArchive[]): string {
  const product = component(Enums.ComponentType.Application, 'zilliz-secret-rotation', version, 'Apache-2.0');
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: product }) });
  const packages = new Map<string, Models.Component>();
  for (const { file, zip, packages: bundled } of archives) {
    const archive = component(Enums.ComponentType.File, file, version, 'Apache-2.0');
    archive.hashes.set(Enums.HashAlgorithm['SHA-256'], createHash('sha256').update(zip).digest('hex'));
    product.dependencies.add(archive.bomRef);
    bom.components.add(archive);
    for (const each of bundled) {
      const found = packages.get(purlOf(each)) ?? library(each);
      packages.set(purlOf(each), found);
      archive.dependencies.add(found.bomRef);
      bom.components.add(found);
    }
  }
  const normalizers = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return `${new Serialize.JsonSerializer(normalizers).serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function library(bundled: BundledPackage): Models.Component {
  const { name, version, license } = bundled;
  const made = component(Enums.ComponentType.Library, name, version, license);
  made.purl = purlOf(bundled);
  made.bomRef.value = purlOf(bundled);
  return made;
}

function component(type: Enums.ComponentType, name: string, version: string, licence: string): Models.Component {
  const made = new Models.Component(type, name, { version, bomRef: `${name}@${version}` });
  made.licenses.add(licences.makeFromString(licence));
  return made;
}

function purlOf({ name, version }: BundledPackage): string {
  const [base = '', scope] = name.split('/').reverse();
  return new PackageURL('npm', scope, base, version).toString();
}
