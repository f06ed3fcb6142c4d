import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { awsEnvironment, type LocalCloudAccess } from '../cloud/access.ts';
import { PROJECT } from '../project.ts';

/** The arguments of `zilliz-rotation`. */
export function rotateArguments(access: LocalCloudAccess, secretName: string): string[] {
  return ['rotate', secretName, '--timeout', '60s', '--allow-endpoint', 'localhost', '--ca-file', access.caFile];
}

/** Runs `zilliz-rotation` with the output streams of this process. @returns The exit code. */
export async function runCommand(
  access: LocalCloudAccess,
  args: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const child = spawn(process.execPath, [join(PROJECT, 'cli', 'main.ts'), ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...awsEnvironment(access) },
    signal,
  });
  const [code] = await once(child, 'close');
  return typeof code === 'number' ? code : 1;
}
