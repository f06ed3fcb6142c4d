import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples', 'consume');

/**
 * Reads a secret through the example, without its SDKs. Prints every attribute of the error, of its
 * causes and of the objects in them, as a reporter of errors may do.
 */
const PROGRAM = `
import sys, types

class Stub(types.ModuleType):
    def __getattr__(self, name):
        return type(name, (Exception,), {})

for name in ("boto3", "grpc", "pymilvus", "pymilvus.exceptions"):
    sys.modules[name] = Stub(name)

class SecretsManager:
    class exceptions:
        ResourceNotFoundException = type("ResourceNotFoundException", (Exception,), {})

    def get_secret_value(self, **request):
        return {"SecretString": sys.stdin.read()}

sys.modules["boto3"].client = lambda service: SecretsManager()

from rotating_milvus import RotatingMilvus

try:
    RotatingMilvus("milvus/orders").use(lambda client: None)
except Exception as error:
    while error is not None:
        print(type(error).__name__, repr(error), {name: getattr(error, name) for name in dir(error)})
        error = error.__cause__ or error.__context__
`;

it.each([
  ['a plain secret', 'orders:Pa-ss_w0rd'],
  ['JSON that is cut off', '{"token":"orders:Pa-ss_w0rd"'],
  ['two documents', '{"token":"orders:Pa-ss_w0rd"} {}'],
  ['a text', '"orders:Pa-ss_w0rd"'],
  ['a list', '["orders:Pa-ss_w0rd"]'],
])('no attribute of an error of the Python example holds the password of %s', (_title, secret) => {
  const options = { cwd: EXAMPLES, input: secret, encoding: 'utf8' } as const;
  const { stdout, stderr } = spawnSync('python3', ['-B', '-c', PROGRAM], options);
  expect(stderr).toBe('');
  expect(stdout).not.toContain('Pa-ss_w0rd');
  expect(stdout).toContain('milvus/orders');
});
