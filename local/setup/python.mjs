import { spawnSync } from 'node:child_process';
import { SetupError } from './setup-error.mjs';

const OLDEST = [3, 10];
/** The newest for which every pinned package has a ready-made wheel. A later one is tried when there is nothing else. */
const NEWEST_KNOWN = [3, 14];

const CANDIDATES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];

/** Parts of the standard library that distributions pack apart, or that a Python built by hand may lack. */
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
 * Finds a Python that can run the local cloud.
 *
 * @returns {{ executable: string, version: string }}
 * @throws SetupError which lists what was found and why it does not serve.
 */
export function findPython() {
  const looks = CANDIDATES.map(look);
  const usable = looks.filter((found) => found.kind === 'usable');
  const best = usable.find((found) => compare(found.numbers, NEWEST_KNOWN) <= 0) ?? usable[0];
  if (best) {
    return { executable: best.executable, version: best.numbers.join('.') };
  }
  const found = looks.map(({ name, why }) => `  ${name.padEnd(11)} ${why}`).join('\n');
  throw new SetupError(
    `The local cloud needs Python ${OLDEST.join('.')} or later with ${MODULES.join(', ')}, and found none:\n${found}\n` +
      'Get one: sudo apt install python3 python3-venv (Debian, Ubuntu), sudo dnf install python3 (Fedora),\n' +
      'uv python install 3.12, or https://www.python.org/downloads/. Then run the command again.',
  );
}

function look(name) {
  // Isolated: neither PYTHONPATH nor a json.py in this folder has a say.
  const { status, stdout, error } = spawnSync(name, ['-I', '-c', PROBE], { encoding: 'utf8', timeout: 20_000 });
  if (error || status !== 0) {
    const why =
      error?.code === 'ENOENT' ? 'not on the PATH' : `does not start (${error?.code ?? `exit code ${status}`})`;
    return { kind: 'useless', name, why };
  }
  const [numbers, executable, missing] = JSON.parse(stdout);
  const version = numbers.join('.');
  if (compare(numbers, OLDEST) < 0) {
    return { kind: 'useless', name, why: `${executable} is ${version}: too old` };
  }
  if (missing.length > 0) {
    const hint = missing.includes('ensurepip') ? ` (apt has them in python${numbers[0]}.${numbers[1]}-venv)` : '';
    return { kind: 'useless', name, why: `${executable} is ${version}: lacks ${missing.join(', ')}${hint}` };
  }
  return { kind: 'usable', name, numbers, executable };
}

/** By major and minor number. */
function compare([major, minor], [otherMajor, otherMinor]) {
  return major - otherMajor || minor - otherMinor;
}
