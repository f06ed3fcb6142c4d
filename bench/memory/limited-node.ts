import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from './limits.ts';

/**
 * Writes a program `node` that the emulator starts for its functions. The program gives V8 the
 * limits that Lambda's runtime gives it, moves into the control groups of the function's memory
 * size, and becomes the real Node.
 *
 * @returns The folder of the program, for the beginning of PATH.
 */
export function writeLimitedNode(folder: string, memorySizes: readonly number[], limits: Limits | undefined): string {
  const cases = memorySizes.map((memoryMb) => {
    const moves = (limits?.files(memoryMb) ?? []).map((file) => `echo $$ > '${file}'`);
    return `  ${memoryMb}) ${[...moves, ':'].join('; ')} ;;`;
  });
  const script = [
    '#!/bin/sh',
    'memory=$AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
    'case "$memory" in',
    ...cases,
    'esac',
    'young=$((memory * 5 / 100))',
    'old=$((memory * 90 / 100))',
    `exec '${process.execPath}' --max-semi-space-size=$young --max-old-space-size=$old "$@"`,
    '',
  ].join('\n');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'node');
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  return folder;
}
