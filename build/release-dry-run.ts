import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeRelease } from './release/write-release.ts';

/**
 * npm run release:dry-run: does all of a release but its publication, without credentials. The
 * files that a release publishes are then in release/ and packed/. Needs the npm registry.
 */
const project = resolve(import.meta.dirname, '..');
const release = join(project, 'release');
const packed = join(project, 'packed');

await writeRelease(project, release);
run('sha256sum', ['--check', '--quiet', 'SHA256SUMS'], { cwd: release });
const forPython = readdirSync(release).filter((file) => /\.(whl|tar\.gz)$/.test(file));
run(join(project, '.local', 'tests', 'bin', 'twine'), ['check', '--strict', ...forPython], { cwd: release });

rmSync(packed, { recursive: true, force: true });
mkdirSync(packed);
run('npm', ['pack', '--workspaces', '--pack-destination', packed]);
for (const tarball of readdirSync(packed)) {
  run('npm', ['publish', '--dry-run', `./${tarball}`], { cwd: packed });
}
upgradeFromPreviousCommit();
process.stdout.write('The dry run has passed. release/ and packed/ have what a release publishes.\n');

/** Packs the constructs of the previous commit, and runs the tests of upgrades from them. */
function upgradeFromPreviousCommit(): void {
  const temporary = mkdtempSync(join(tmpdir(), 'previous-commit-'));
  const previous = join(temporary, 'project');
  run('git', ['worktree', 'add', '--quiet', '--detach', previous, 'HEAD^']);
  try {
    run('npm', ['pack', '--workspace', 'packages/constructs', '--pack-destination', temporary], { cwd: previous });
    const [tarball = ''] = readdirSync(temporary).filter((file) => file.endsWith('.tgz'));
    const vitest = join(project, 'node_modules', 'vitest', 'vitest.mjs');
    const tests = ['upgrade', 'fleet-upgrade'].map((name) => `test/e2e/${name}.test.ts`);
    run(process.execPath, [vitest, 'run', '--project', 'servers', ...tests], {
      env: { ...process.env, UPGRADE_FROM: join(temporary, tarball) },
    });
  } finally {
    run('git', ['worktree', 'remove', '--force', previous]);
    rmSync(temporary, { recursive: true });
  }
}

/** @throws Error if the command fails. */
function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): void {
  process.stdout.write(`\n$ ${command} ${args.join(' ')}\n`);
  execFileSync(command, args, { cwd: project, stdio: 'inherit', ...options });
}
