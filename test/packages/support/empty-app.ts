import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NODE_BIN, PROJECT } from '../../../local/project.ts';

/** What a lock file of npm says of one package. */
interface LockedPackage {
  readonly version?: string;
}

export interface Said {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in a folder, with the project's Node first on its PATH. */
export async function runIn(cwd: string, command: string, args: readonly string[]): Promise<Said> {
  const child = spawn(command, args, {
    cwd,
    env: {
      PATH: [NODE_BIN, process.env['PATH'] ?? ''].join(delimiter),
      HOME: process.env['HOME'] ?? cwd,
      npm_config_update_notifier: 'false',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      said[stream] += chunk;
    });
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, ...said };
}

/** As {@link runIn}. @returns stdout @throws Error with what the command said, when it fails */
export async function succeedIn(cwd: string, command: string, args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runIn(cwd, command, args);
  if (exitCode !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${exitCode}: ${stderr}${stdout}`);
  }
  return stdout;
}

/** Packs the project as `npm publish` would. @returns the tarball */
export async function pack(into: string): Promise<string> {
  await succeedIn(PROJECT, 'npm', ['pack', '--pack-destination', into]);
  const tarball = readdirSync(into).find((file) => file.endsWith('.tgz'));
  if (tarball === undefined) {
    throw new Error(`npm pack left no tarball in ${into}.`);
  }
  return join(into, tarball);
}

/**
 * A CDK app that has the package from its tarball, its dependencies and its two peers, all really installed by npm. Their
 * versions are those of the project's lock file: npm needs no answer of a registry then, and finds them in its cache.
 */
export async function installIntoEmptyApp(tarball: string, folder: string): Promise<void> {
  const own = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
    name: string;
    dependencies: Record<string, string>;
    peerDependencies: Record<string, string>;
  };
  const { packages } = JSON.parse(readFileSync(join(PROJECT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage>;
  };
  const peers = Object.keys(own.peerDependencies);
  const app = {
    name: 'empty-app',
    version: '1.0.0',
    private: true,
    type: 'module',
    dependencies: {
      [own.name]: `file:${tarball}`,
      ...Object.fromEntries(peers.map((peer) => [peer, packages[`node_modules/${peer}`]?.version])),
    },
  };
  const lock = {
    name: app.name,
    version: app.version,
    lockfileVersion: 3,
    requires: true,
    packages: {
      ...packages,
      '': app,
      [`node_modules/${own.name}`]: { ...packages[''], resolved: `file:${tarball}`, devDependencies: undefined },
    },
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(app));
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
  // Not `npm ci`: the lock file has the project's tools too, and npm leaves out what nothing needs.
  await succeedIn(folder, 'npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']);
}
