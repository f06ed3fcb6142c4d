import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '..', '..');

/**
 * Compiles the command as its package holds it.
 *
 * @param folder in the project, so that the compiled command finds its packages
 * @returns the program
 */
export function compileCommand(folder: string): string {
  const compiler = join(PROJECT, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['-p', join(PROJECT, 'packages', 'cli'), '--outDir', folder];
  execFileSync(process.execPath, [compiler, ...options], { stdio: 'inherit' });
  return join(folder, 'cli', 'main.js');
}
