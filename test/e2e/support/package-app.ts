import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extract } from '../../support/packed.ts';
import { servers } from '../../support/servers.ts';

type Package = Parameters<typeof extract>[0];

/** docs/decisions/build-and-packages.md says how to make the next one. */
export const RELEASED: string = join(import.meta.dirname, '..', 'fixtures', 'zilliz-secret-rotation-0.1.0.tgz');

/** `npm run release:dry-run` names the package of the previous commit. */
export const PREVIOUS: Package = {
  name: 'zilliz-secret-rotation',
  tarball: process.env['UPGRADE_FROM'] ?? RELEASED,
};

const APP = `import { App } from 'aws-cdk-lib';
import { readConfiguration, rotationStacks } from 'zilliz-secret-rotation';

const app = new App();
rotationStacks(app, readConfiguration(String(app.node.getContext('config'))));
`;

/** Makes the app of a user of the package. @returns its folder */
export function newPackageApp(): string {
  const app = mkdtempSync(join(servers().access.stateDir, 'package-app-'));
  writeFileSync(join(app, 'app.mjs'), APP);
  writeFileSync(join(app, 'cdk.json'), JSON.stringify({ app: 'node app.mjs' }));
  return app;
}

/** Installs a version of the constructs into the app. */
export async function install(version: Package, app: string): Promise<void> {
  rmSync(join(app, 'node_modules'), { recursive: true, force: true });
  await extract(version, app);
}
