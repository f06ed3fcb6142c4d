import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { claimInTurn } from '../../../local/cloud/claim.ts';
import { NODE_BIN, PROJECT } from '../../../local/project.ts';
import { servers } from '../../support/servers.ts';

const run = promisify(execFile);

/** A package of this project, packed as `npm publish` would pack it. */
export interface Packed {
  /** The folder with the manifest: `packages/cli`. */
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly tarball: string;
}

/** What package-lock.json records of a package. */
interface LockedPackage {
  readonly version?: string;
  readonly link?: boolean;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

/**
 * Runs a command in a folder, with the project's Node first on its PATH.
 *
 * @returns stdout
 * @throws Error with the output if the command fails.
 */
export async function succeedIn(
  cwd: string,
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const PATH = [NODE_BIN, process.env['PATH'] ?? ''].join(delimiter);
  const HOME = process.env['HOME'] ?? cwd;
  try {
    const { stdout } = await run(command, args, {
      cwd,
      env: { PATH, HOME, npm_config_update_notifier: 'false', ...env },
      maxBuffer: 2 ** 26,
    });
    return stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command} ${args.join(' ')} failed: ${stderr}${stdout}`, { cause: error });
  }
}

/**
 * Packs the package in a folder such as `packages/cli`, once for each folder `into`. Test files
 * run at the same time, and the build of a package uses one folder.
 *
 * @param into Default: a folder of the shared local cloud.
 */
export async function pack(
  folder: string,
  into: string = join(servers().access.stateDir, 'packages'),
): Promise<Packed> {
  const { name, version } = JSON.parse(readFileSync(join(PROJECT, folder, 'package.json'), 'utf8')) as Packed;
  const tarball = join(into, `${name}-${version}.tgz`);
  const release = await claimInTurn(tarball);
  try {
    if (!existsSync(tarball)) {
      mkdirSync(into, { recursive: true });
      await succeedIn(PROJECT, 'npm', ['pack', '--workspace', folder, '--pack-destination', into]);
    }
  } finally {
    await release();
  }
  return { folder, name, version, tarball };
}

/** Extracts a tarball into the `node_modules` of an app. @returns the folder of the package */
export async function extract({ name, tarball }: Pick<Packed, 'name' | 'tarball'>, app: string): Promise<string> {
  const folder = join(app, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  await succeedIn(app, 'tar', ['--extract', '--file', tarball, '--directory', folder, '--strip-components', '1']);
  return folder;
}

/**
 * Lets npm install the packed package, its dependencies and its peers into an empty app. The
 * versions come from package-lock.json of the project, so npm asks no registry for versions and
 * finds the packages in its cache.
 *
 * @returns The folder of the installed package.
 */
export async function installIntoEmptyApp({ folder, name, tarball }: Packed, app: string): Promise<string> {
  const { packages } = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const peers = Object.keys(packages[folder]?.peerDependencies ?? {});
  const manifest = {
    name: 'empty-app',
    version: '1.0.0',
    private: true,
    type: 'module',
    dependencies: {
      [name]: `file:${tarball}`,
      ...Object.fromEntries(peers.map((peer) => [peer, packages[`node_modules/${peer}`]?.version])),
    },
  };
  const registryPackages = Object.entries(packages).filter(
    ([path, { link }]) => path.startsWith('node_modules/') && link !== true,
  );
  const lock = {
    name: manifest.name,
    version: manifest.version,
    lockfileVersion: 3,
    requires: true,
    packages: {
      ...Object.fromEntries(registryPackages),
      '': manifest,
      [`node_modules/${name}`]: { ...packages[folder], resolved: `file:${tarball}` },
    },
  };
  mkdirSync(app, { recursive: true });
  writeFileSync(join(app, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(app, 'package-lock.json'), JSON.stringify(lock));
  // `npm ci` would fail, because the lock file also lists the tools of the project. `npm install`
  // leaves them out.
  await succeedIn(app, 'npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']);
  return join(app, 'node_modules', name);
}
