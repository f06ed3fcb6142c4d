import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentSchema } from './environment-schema.ts';
import { functionArchive } from './function-archive.ts';
import { functionPolicy } from './function-policy.ts';
import { pythonPackage } from './python-package.ts';
import { sbom } from './sbom.ts';
import { asYaml, releaseTemplate } from './template/template.ts';

/**
 * Writes the release into a new folder. The same commit gives the same bytes.
 *
 * @returns the version of the release
 */
export async function writeRelease(project: string, folder: string): Promise<string> {
  const manifest = readFileSync(join(project, 'packages', 'constructs', 'package.json'), 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const [rotation, overdue] = await Promise.all([
    functionArchive(project, 'rotation'),
    functionArchive(project, 'overdue'),
  ]);
  const archives = [rotation, overdue];
  const template = releaseTemplate(project, version, { rotation: rotation.file, overdue: overdue.file });
  const files: Readonly<Record<string, string | Uint8Array>> = {
    ...Object.fromEntries(archives.map(({ file, zip }) => [file, zip])),
    ...(await pythonPackage(project)),
    'environment.schema.json': asJson(environmentSchema(version)),
    'iam-policy.json': asJson(functionPolicy(template)),
    'sbom.cdx.json': asJson(sbom(version, archives)),
    'template.yaml': asYaml(template),
  };
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, content] of Object.entries({ ...files, SHA256SUMS: checksums(files) })) {
    writeFileSync(join(folder, file), content);
  }
  return version;
}

/** The format of `sha256sum --check`. */
function checksums(files: Readonly<Record<string, string | Uint8Array>>): string {
  return Object.entries(files)
    .map(([file, content]) => `${createHash('sha256').update(content).digest('hex')}  ${file}\n`)
    .sort((a, b) => (a.slice(64) < b.slice(64) ? -1 : 1))
    .join('');
}

function asJson(content: object): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
