import { join, resolve } from 'node:path';

export const PROJECT: string = resolve(import.meta.dirname, '..');

export const NODE_BIN: string = join(PROJECT, 'node_modules', '.bin');

/** Everything that this project writes when it runs. The folder may be deleted while nothing runs. */
export const LOCAL: string = join(PROJECT, '.local');

/** The Python of the servers: local/requirements/servers.txt. It exists on Linux only. */
export const SERVERS_PYTHON: string = join(LOCAL, 'venv', 'bin', 'python');

/** The linter of CloudFormation templates, installed from local/requirements/checks.txt. */
export const CFN_LINT: string = join(
  LOCAL,
  'checks',
  ...(process.platform === 'win32' ? ['Scripts', 'cfn-lint.exe'] : ['bin', 'cfn-lint']),
);

/** The Milvus server, its libraries and its configuration template, as local/setup/unpack_milvus.py unpacks them. */
export const MILVUS_SERVER: string = join(LOCAL, 'venv', 'milvus-server');

/** The state folder of `npm run local:up`. */
export const CLOUD_STATE: string = join(LOCAL, 'cloud');
