import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { createOnce } from '../../local/cloud/claim.ts';
import { NODE_BIN, PROJECT } from '../../local/project.ts';
import { servers } from './servers.ts';

const run = promisify(execFile);

export const PACKAGES = ['constructs', 'cli', 'client'] as const;

/** A package of this project, packed as `npm publish` would pack it. */
export interface Packed {
  readonly name: string;
  readonly version: string;
  readonly tarball: string;
}

/**
 * Packs all packages, once for each folder `into`. Test files run at the same time, and the build
 * of a package uses one folder.
 *
 * @param into Default: a folder of the shared local cloud.
 */
export async function packAll(
  into: string = join(servers().access.stateDir, 'packages'),
): Promise<Readonly<Record<(typeof PACKAGES)[number], Packed>>> {
  await createOnce(into, async () => {
    mkdirSync(into, { recursive: true });
    await succeedIn(PROJECT, 'npm', ['pack', '--workspaces', '--pack-destination', into]);
  });
  const [constructs, cli, client] = PACKAGES.map((folder): Packed => {
    const manifest = readFileSync(join(PROJECT, 'packages', folder, 'package.json'), 'utf8');
    const { name, version } = JSON.parse(manifest) as Packed;
    return { name, version, tarball: join(into, `${name}-${version}.tgz`) };
  }) as [Packed, Packed, Packed];
  return { constructs, cli, client };
}

/** Extracts a tarball into the `node_modules` of an app. @returns the folder of the package */
export async function extract({ name, tarball }: Pick<Packed, 'name' | 'tarball'>, app: string): Promise<string> {
  const folder = join(app, 'node_modules', name);
  mkdirSync(folder, { recursive: true });
  await succeedIn(app, 'tar', ['--extract', '--file', tarball, '--directory', folder, '--strip-components', '1']);
  return folder;
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
