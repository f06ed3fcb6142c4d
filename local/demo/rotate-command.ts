import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { awsEnvironment, type LocalCloudAccess } from '../cloud/access.ts';
import { PROJECT } from '../project.ts';

/** The arguments of the operator's command, as one types them. */
export function rotateArguments(access: LocalCloudAccess, secretName: string): string[] {
  return ['rotate', secretName, '--timeout', '60s', '--allow-endpoint', 'localhost', '--ca-file', access.caFile];
}

/** Runs the project's own command, its output straight to ours. @returns Its exit code. */
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
