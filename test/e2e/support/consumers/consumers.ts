import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { promisify } from 'node:util';
import type { MilvusClient } from '@zilliz/milvus2-sdk-node';
import { vi } from 'vitest';
import { RotatingMilvus } from '../../../../examples/consume/node.ts';
import { awsEnvironment } from '../../../../local/cloud/access.ts';
import { NODE_BIN, PROJECT, TESTS_BIN } from '../../../../local/project.ts';
import { servers } from '../../../support/servers.ts';

/** An application that calls the cluster again and again, through an example. */
export interface Consumer {
  /** The number of answers from the cluster. */
  readonly answers: number;
  /** The errors that reached the caller of the example. */
  readonly failures: readonly string[];
  /** The number of clients of the SDK that have called. Undefined if the example has none. */
  readonly clients: number | undefined;
  /** The log of the example, and the arguments of the processes that it starts. */
  readonly output: string;
  stop(): Promise<void>;
}

export interface ConsumerKind {
  /** The example, in examples/consume. */
  readonly example: string;
  readonly transport: 'grpc' | 'rest';
  readonly workers: number;
  /** The commands that the example needs and that this project does not install. */
  readonly commands: readonly string[];
  start(secretId: string): Consumer;
}

const WORKERS = 2;

export const CONSUMERS: readonly ConsumerKind[] = [
  { example: 'node.ts', transport: 'grpc', workers: WORKERS, commands: [], start: startNode },
  { example: 'rotating_milvus.py', transport: 'grpc', workers: WORKERS, commands: [], start: startPython },
  { example: 'curl.sh', transport: 'rest', workers: 1, commands: ['bash', 'curl', 'jq'], start: startCurl },
];

function startNode(secretId: string): Consumer {
  const { access } = servers();
  for (const [variable, value] of Object.entries(awsEnvironment(access))) {
    vi.stubEnv(variable, value);
  }
  const milvus = new RotatingMilvus(secretId, {
    tls: { rootCert: Buffer.from(access.milvus.tls.caPem ?? '') },
    maxRetries: 0,
  });
  const clients = new Set<MilvusClient>();
  const { state, stop } = repeat(WORKERS, () =>
    milvus.use(async (client) => {
      await client.getVersion();
      clients.add(client);
      state.clients = clients.size;
    }),
  );
  return Object.assign(state, {
    stop: async () => {
      await stop();
      await milvus.close();
      vi.unstubAllEnvs();
    },
  });
}

function startPython(secretId: string): Consumer {
  const { access } = servers();
  const program = join(import.meta.dirname, 'consumer.py');
  const child = spawn(join(TESTS_BIN, 'python'), [program, secretId, access.caFile, String(WORKERS)], {
    env: { ...awsEnvironment(access), PATH: process.env['PATH'], PYTHONDONTWRITEBYTECODE: '1' },
  });
  const state = newState();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    state.output += text;
  });
  createInterface(child.stdout).on('line', (line) => {
    const [, clients] = /^ok (\d+)$/.exec(line) ?? [];
    if (clients === undefined) {
      state.failures.push(line);
    } else {
      state.answers += 1;
      state.clients = Number(clients);
    }
  });
  const end = once(child, 'close');
  return Object.assign(state, {
    stop: async () => {
      child.stdin.end();
      const [code] = await end;
      if (code !== 0) {
        throw new Error(`The Python consumer ended with exit code ${code}: ${state.output}`);
      }
    },
  });
}

function startCurl(secretId: string): Consumer {
  const { access } = servers();
  const folder = mkdtempSync(join(access.stateDir, 'commands-'));
  const log = join(folder, 'arguments');
  // Each command first records its arguments, which every user of a machine can read.
  const addCommand = (name: string, command: string): void => {
    const script = `#!/bin/sh\nprintf '%s\\n' ${name} "$@" >> "${log}"\nexec ${command} "$@"\n`;
    writeFileSync(join(folder, name), script, { mode: 0o755 });
  };
  addCommand('aws', `"${join(NODE_BIN, 'node')}" "${join(import.meta.dirname, 'aws-cli.ts')}"`);
  addCommand('curl', `"${commandPath('curl')}"`);
  addCommand('jq', `"${commandPath('jq')}"`);
  const env = {
    ...awsEnvironment(access),
    PATH: [folder, process.env['PATH']].join(delimiter),
    CURL_CA_BUNDLE: access.caFile,
  };
  const example = join(PROJECT, 'examples', 'consume', 'curl.sh');
  const args = [secretId, '/v2/vectordb/users/describe', JSON.stringify({ userName: 'root' })];
  const { state, stop } = repeat(1, async () => {
    const { stdout } = await promisify(execFile)(example, args, { env });
    state.output = readFileSync(log, 'utf8');
    const { code } = JSON.parse(stdout) as { code: number };
    if (code !== 0) {
      throw new Error(stdout);
    }
  });
  return Object.assign(state, { stop });
}

/** @returns undefined if no folder of PATH has the command. */
export function commandPath(command: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
}

interface State {
  answers: number;
  readonly failures: string[];
  clients: number | undefined;
  output: string;
}

function newState(): State {
  return { answers: 0, failures: [], clients: undefined, output: '' };
}

/** Makes calls, one after the other in each worker, until `stop`. */
function repeat(workers: number, call: () => Promise<unknown>): { state: State; stop(): Promise<void> } {
  const state = newState();
  let isStopped = false;
  const work = async (): Promise<void> => {
    while (!isStopped) {
      try {
        await call();
        state.answers += 1;
      } catch (error) {
        state.failures.push(String(error));
      }
    }
  };
  const end = Promise.all(Array.from({ length: workers }, work));
  return {
    state,
    stop: async () => {
      isStopped = true;
      await end;
    },
  };
}
