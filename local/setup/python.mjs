import { spawnSync } from 'node:child_process';
import { SetupError } from './setup-error.mjs';

const OLDEST = [3, 10];
/** Every pinned package has a wheel for this Python. A later Python is the last choice. */
const NEWEST_TESTED = [3, 14];

const CANDIDATES = [
  ...['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'],
  // The launcher that the installer for Windows puts on the PATH.
  ...(process.platform === 'win32' ? ['py'] : []),
];

/** Modules of the standard library that some distributions of Python lack. */
const MODULES = ['venv', 'ensurepip', 'lzma', 'ssl', 'ctypes'];

const PROBE = `
import importlib, json, sys
missing = []
for name in ${JSON.stringify(MODULES)}:
    try:
        importlib.import_module(name)
    except Exception:
        missing.append(name)
print(json.dumps([list(sys.version_info[:3]), sys.executable, missing]))
`;

/**
 * Finds a Python on the PATH that can install the pinned packages.
 *
 * @returns {{ executable: string, version: string }}
 * @throws SetupError with every Python on the PATH and the reason against it.
 */
export function findPython() {
  const results = CANDIDATES.map(probe);
  const usable = results.filter(({ problem }) => problem === undefined);
  const best = usable.find(({ numbers }) => compare(numbers, NEWEST_TESTED) <= 0) ?? usable[0];
  if (best) {
    return { executable: best.executable, version: best.numbers.join('.') };
  }
  const list = results.map(({ name, problem }) => `  ${name.padEnd(11)} ${problem}`).join('\n');
  throw new SetupError(
    `This project needs Python ${OLDEST.join('.')} or later with ${MODULES.join(', ')}. The PATH has none:\n${list}\n` +
      'Install Python: sudo apt install python3 python3-venv (Debian, Ubuntu), sudo dnf install python3 (Fedora),\n' +
      'uv python install 3.12, or https://www.python.org/downloads/. Then run the command again.',
  );
}

function probe(name) {
  // -I ignores PYTHONPATH and the modules in this folder.
  const { status, stdout, error } = spawnSync(name, ['-I', '-c', PROBE], { encoding: 'utf8', timeout: 20_000 });
  if (error?.code === 'ENOENT') {
    return { name, problem: 'not on the PATH' };
  }
  if (error || status !== 0) {
    return { name, problem: `does not start (${error?.code ?? `exit code ${status}`})` };
  }
  const [numbers, executable, missing] = JSON.parse(stdout);
  const version = numbers.join('.');
  if (compare(numbers, OLDEST) < 0) {
    return { name, problem: `${executable} is ${version}: too old` };
  }
  if (missing.length > 0) {
    const hint = missing.includes('ensurepip') ? ` (apt has them in python${numbers[0]}.${numbers[1]}-venv)` : '';
    return { name, problem: `${executable} is ${version}: lacks ${missing.join(', ')}${hint}` };
  }
  return { name, numbers, executable };
}

/** Compares the major and the minor number. */
function compare([major, minor], [otherMajor, otherMinor]) {
  return major - otherMajor || minor - otherMinor;
}
