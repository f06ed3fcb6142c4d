import { join, resolve } from 'node:path';

export const PROJECT: string = resolve(import.meta.dirname, '..');

export const NODE_BIN: string = join(PROJECT, 'node_modules', '.bin');

/** Holds everything that this project writes. It may be deleted while nothing runs. */
export const LOCAL: string = join(PROJECT, '.local');

/** The Python of the servers: local/requirements/servers.txt. It exists on Linux only. */
export const SERVERS_PYTHON: string = join(LOCAL, 'venv', 'bin', 'python');

/** The Python with pymilvus and boto3: local/requirements/pymilvus.txt. */
export const PYMILVUS_PYTHON: string = join(LOCAL, 'pymilvus', 'bin', 'python');

/** The programs of the AWS CLI and of the CDK for Python: local/requirements/deploy.txt. */
export const DEPLOY_TOOLS_BIN: string = join(LOCAL, 'deploy', 'bin');

/** The linter of CloudFormation templates, installed from local/requirements/checks.txt. */
export const CFN_LINT: string = join(
  LOCAL,
  'checks',
  ...(process.platform === 'win32' ? ['Scripts', 'cfn-lint.exe'] : ['bin', 'cfn-lint']),
);

/** The Milvus server with its configuration template. local/setup/unpack_milvus.py creates it. */
export const MILVUS_SERVER: string = join(LOCAL, 'venv', 'milvus-server');

/** The state folder of `npm run local:up`. */
export const CLOUD_STATE: string = join(LOCAL, 'cloud');
