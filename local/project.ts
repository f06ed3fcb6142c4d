import { join, resolve } from 'node:path';

/** Where things lie in this project. Everything that running it makes is below `.local/` and may be deleted. */
export const PROJECT: string = resolve(import.meta.dirname, '..');

export const NODE_BIN: string = join(PROJECT, 'node_modules', '.bin');

export const LOCAL: string = join(PROJECT, '.local');

/** Made by local/setup.mjs from local/requirements.txt. */
export const VENV: string = join(LOCAL, 'venv');

/** The Milvus server, its libraries and its configuration template: unpacked by local/setup/unpack_milvus.py. */
export const MILVUS_SERVER: string = join(VENV, 'milvus-server');

/** The state folder of `npm run local:up`. Others have their own. */
export const CLOUD_STATE: string = join(LOCAL, 'cloud');
