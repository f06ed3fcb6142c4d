import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from './command.mjs';

const CANDIDATES = [
  ...['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'],
  // The launcher that the installer for Windows puts on the PATH.
  ...(process.platform === 'win32' ? ['py'] : []),
];

/** Fails with a sentence if Python is too old or lacks a module, and else prints its path. */
const PROBE = `
import sys
if sys.version_info < (3, 10): sys.exit(f"{sys.executable} is Python {sys.version.split()[0]}: too old")
for name in ("venv", "ensurepip", "lzma", "ssl", "ctypes"):
    try: __import__(name)
    except Exception: sys.exit(f"{sys.executable} lacks {name} (apt has it in python3-venv)")
print(sys.executable)
`;

/** The versions that the package for Python supports. */
const VERSIONS = ['3.10', '3.11', '3.12', '3.13', '3.14'];

/** Files that may be a Python of one of these versions: on the PATH, and of pyenv. */
export function pythonFiles() {
  const pyenv = join(process.env.PYENV_ROOT ?? join(process.env.HOME ?? '', '.pyenv'), 'versions');
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...(existsSync(pyenv) ? readdirSync(pyenv).map((version) => join(pyenv, version, 'bin')) : []),
  ];
  return VERSIONS.flatMap((version) =>
    folders.map((folder) => ({ version, file: join(folder, `python${version}`) })),
  ).filter(({ file }) => existsSync(file));
}

/** The oldest and the newest usable Python of another version than the environment in `folder`. */
export function otherPythons(folder) {
  const others = pythonFiles()
    .filter(({ version }) => !existsSync(join(folder, 'lib', `python${version}`)))
    .filter(({ file }) => spawnSync(file, ['-I', '-c', PROBE]).status === 0);
  const newest = others.findLast(({ version }) => version !== others[0].version);
  return [...others.slice(0, 1), ...(newest ? [newest] : [])];
}

/** The first usable Python on the PATH. @throws SetupError with each Python and its problem. */
export function findPython() {
  const problems = [];
  for (const name of CANDIDATES) {
    // -I ignores PYTHONPATH and the modules in this folder.
    const { error, status, stdout, stderr } = spawnSync(name, ['-I', '-c', PROBE], { encoding: 'utf8' });
    if (status === 0) {
      return stdout.trim();
    }
    const problem = error?.code === 'ENOENT' ? 'not on the PATH' : stderr?.trim() || `exit code ${status}`;
    problems.push(`  ${name.padEnd(11)} ${problem}`);
  }
  throw new SetupError(
    `This project needs Python 3.10 or later with venv, ensurepip, lzma, ssl and ctypes. There is none:\n${problems.join('\n')}\n` +
      'Install Python: sudo apt install python3 python3-venv (Debian, Ubuntu), sudo dnf install python3 (Fedora),\n' +
      'uv python install 3.12, or https://www.python.org/downloads/. Then run the command again.',
  );
}
