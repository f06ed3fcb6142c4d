import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT } from '../../../local/project.ts';

/** A copy of the setup in its own project. Its npm and its Python only record their calls. */
export interface FakeProject {
  readonly folder: string;
  /** Adds a shell script to the PATH. The PATH holds Node and these scripts only. */
  command(name: string, script: string): void;
  write(path: string, text: string): void;
  remove(path: string): void;
  has(path: string): boolean;
  /** The calls of npm and Python, in order: `npm ci`, `checks: pip`, `venv: unpack`. */
  calls(): string[];
  setup(parts?: readonly string[], platform?: NodeJS.Platform): Promise<{ code: number | null; output: string }>;
  /**
   * Starts the setup, and kills it with SIGKILL while this call runs.
   *
   * @returns The process id of the command that the call runs.
   */
  interruptWhile(call: string): Promise<number>;
}

/** The entries that npm writes for a workspace into its lock file and into its record. */
const WORKSPACE = {
  'node_modules/workspace': { resolved: 'packages/workspace', link: true },
  'packages/workspace': { name: 'workspace', version: '0.1.0' },
};

const LOCK = JSON.stringify({
  packages: {
    '': { name: 'fake' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/for-another-platform': { version: '2.0.0', integrity: 'sha512-b', optional: true },
    ...WORKSPACE,
  },
});

const INSTALLED = JSON.stringify({
  packages: { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' }, ...WORKSPACE },
});

/**
 * Installs the packages of package-lock.json, and writes npm's record at the end. Without
 * --no-dry-run, it installs nothing. The real npm behaves so if \`npm pack --dry-run\` started it,
 * because npm passes its settings to every npm that it starts.
 */
const NPM = `
echo "npm $1" >> calls
case "$*" in *--no-dry-run*) ;; *) exit 0 ;; esac
mkdir -p node_modules/node/bin node_modules/a packages/workspace
ln -sfn ../packages/workspace node_modules/workspace
touch node_modules/node/bin/node
[ -f hang-npm ] && exec sleep 600
[ -f slow-npm ] && sleep 1
cp installed.json node_modules/.package-lock.json
`;

/** Answers the probe, creates an environment that contains this script, and unpacks nothing. */
const PYTHON = `
name=$(basename "\${0%/bin/*}")
case "$*" in
  -I*) echo '[[3, 12, 1], "'"$0"'", []]' ;;
  *"-m venv"*) echo "$(basename "$3"): create" >> calls; mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
  *"-m pip"*) echo "$name: pip" >> calls; [ -f hang-pip ] && exec sleep 600; true ;;
  *) echo "$name: unpack" >> calls ;;
esac
`;

export function fakeProject(): FakeProject {
  const folder = mkdtempSync(join(tmpdir(), 'setup-'));
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const path of ['setup.mjs', 'setup', 'requirements']) {
    cpSync(join(PROJECT, 'local', path), join(folder, 'local', path), { recursive: true });
  }
  symlinkSync(process.execPath, join(bin, 'node'));
  const project: FakeProject = {
    folder,
    command: (name, script) => {
      writeFileSync(join(bin, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}`);
      chmodSync(join(bin, name), 0o755);
    },
    write: (path, text) => writeFileSync(join(folder, path), text),
    remove: (path) => rmSync(join(folder, path), { recursive: true, force: true }),
    has: (path) => existsSync(join(folder, path)),
    calls: () => (project.has('calls') ? readFileSync(join(folder, 'calls'), 'utf8').split('\n').filter(Boolean) : []),
    setup: async (parts, platform) => {
      const child = start(project, parts, platform);
      let output = '';
      child.stderr?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      const [code] = await once(child, 'close');
      return { code: typeof code === 'number' ? code : null, output };
    },
    interruptWhile: async (call) => {
      const child = start(project);
      let waitedFor: number | undefined;
      while (waitedFor === undefined || !project.calls().includes(call)) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        waitedFor = commandsUnderLock(folder).find((pid) => commandLineOf(pid).includes('sleep'));
      }
      child.kill('SIGKILL');
      await once(child, 'close');
      return waitedFor;
    },
  };
  project.command('npm', NPM);
  project.command('python3', PYTHON);
  project.write('package-lock.json', LOCK);
  project.write('installed.json', INSTALLED);
  return project;
}

function commandsUnderLock(folder: string): number[] {
  const file = join(folder, '.local', 'setup.lock');
  const lock = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { commands: { pid: number }[] })
    : undefined;
  return (lock?.commands ?? []).map(({ pid }) => pid);
}

/** Empty if no process with this id runs. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function start(
  { folder }: FakeProject,
  parts: readonly string[] = [],
  platform: NodeJS.Platform = process.platform,
): ReturnType<typeof spawn> {
  const pretend = `Object.defineProperty(process,'platform',{value:'${platform}'})`;
  return spawn(
    process.execPath,
    ['--import', `data:text/javascript,${pretend}`, join(folder, 'local', 'setup.mjs'), ...parts],
    { cwd: folder, env: { PATH: join(folder, 'bin') }, stdio: ['ignore', 'ignore', 'pipe'] },
  );
}
