import { join, resolve } from 'node:path';

// Programs that load this module reach this machine and the packages of this project only. An AWS
// account or endpoint, a proxy, or modules of Python that the shell sets would lead them elsewhere.
for (const name of Object.keys(process.env).filter((name) => /^(AWS_|PYTHON(HOME|PATH)$)/.test(name))) {
  delete process.env[name];
}
process.env['no_proxy'] = '127.0.0.1,localhost';

export const PROJECT: string = resolve(import.meta.dirname, '..');

export const NODE_BIN: string = join(PROJECT, 'node_modules', '.bin');

/** Holds everything that this project writes. It may be deleted while nothing runs. */
export const LOCAL: string = join(PROJECT, '.local');

/** The Python of the servers: local/requirements/servers.txt. It exists on Linux only. */
export const SERVERS_PYTHON: string = join(LOCAL, 'venv', 'bin', 'python');

/** Compiled modules of the packages for Python, which take seconds to compile. */
export const PYTHON_CACHE: string = join(LOCAL, 'python-cache', 'modules');

/** SDKs for Python, the AWS CLI, the CDK for Python, cfn-lint: local/requirements/tests.txt. */
export const TESTS_BIN: string = join(LOCAL, 'tests', 'bin');

/** Terraform and its provider for AWS: local/requirements/terraform.txt. Not on every platform. */
export const TERRAFORM: string = join(LOCAL, 'terraform');

/** The Milvus server and the configuration of its log. local/setup/unpack_milvus.py creates it. */
export const MILVUS_SERVER: string = join(LOCAL, 'venv', 'milvus-server');

/** Node keeps compiled modules of the command and of the CDK here, so that they start sooner. */
export const COMPILE_CACHE: string = join(LOCAL, 'compile-cache');

/** The state folder of `npm run local:up`. */
export const CLOUD_STATE: string = join(LOCAL, 'cloud');
