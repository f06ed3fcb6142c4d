import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Builds the package for Python. @returns the wheel and the sdist, by their names */
export async function pythonPackage(project: string): Promise<Record<string, Uint8Array>> {
  const folder = mkdtempSync(join(tmpdir(), 'python-package-'));
  try {
    const python = join(project, '.local', 'tests', 'bin', 'python');
    const args = ['-m', 'build', '--no-isolation', '--outdir', folder, join(project, 'python')];
    // The time of the files in both archives. A zip cannot hold an earlier one.
    const env = { ...process.env, SOURCE_DATE_EPOCH: '315532800', PYTHONDONTWRITEBYTECODE: '1' };
    await promisify(execFile)(python, args, { env });
    return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file))]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
