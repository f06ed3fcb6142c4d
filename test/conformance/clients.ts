import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { COMPILE_CACHE, LOCAL, NODE_BIN, PROJECT, PYTHON_CACHE, TESTS_BIN } from '../../local/project.ts';
import { CLIENTS, type ClientName } from './case.ts';

/** How to start the driver of a client. */
export interface Client {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The API of the cluster that the client uses. */
  readonly transport: 'grpc' | 'rest';
  /** The most calls that the driver makes at the same time. */
  readonly callsAtOnce: number;
  /** Why the tests of the client are skipped, for their titles. Empty: they run. */
  readonly skipped: string;
}

const DRIVERS = join(import.meta.dirname, 'drivers');
const JAVA = join(LOCAL, 'java');
const GO = join(LOCAL, 'go', 'driver');

/** `npm test` compiles the drivers for Java and Go: local/setup/compiled-drivers.mjs. */
const COMMANDS: Readonly<Record<ClientName, Client>> = {
  node: client('grpc', [join(NODE_BIN, 'node'), join(DRIVERS, 'node.ts')]),
  python: client('grpc', [join(TESTS_BIN, 'python'), join(DRIVERS, 'python.py')]),
  java: client(
    'grpc',
    // The program is short: one compiler is enough.
    [
      'java',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      [join(JAVA, 'classes'), join(JAVA, 'lib', '*')].join(delimiter),
      'Driver',
    ],
    // Another PATH may have compiled the classes, which need Java. The program in Go needs no Go.
    isOnPath('java') && existsSync(join(JAVA, 'classes')) ? '' : ' (skipped: no JDK 17 with Maven on the PATH)',
  ),
  go: client('grpc', [GO], existsSync(GO) ? '' : ' (skipped: no Go 1.26 on the PATH)'),
  // Each call is a process of its own, and starts the AWS CLI, which needs most of a second.
  curl: { ...client('rest', ['bash', join(DRIVERS, 'curl.sh')]), callsAtOnce: 1 },
};

/** The clients that the suite and the table in docs/applications.md have: clients.json. */
export const DRIVEN_CLIENTS: ReadonlyArray<readonly [ClientName, Client]> = CLIENTS.map((name) => [
  name,
  COMMANDS[name],
]);

function isOnPath(tool: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, tool)));
}

function client(transport: 'grpc' | 'rest', [command = '', ...args]: readonly string[], skipped = ''): Client {
  const environment = {
    PATH: [TESTS_BIN, process.env['PATH']].join(delimiter),
    PYTHONPATH: join(PROJECT, 'python'),
    PYTHONPYCACHEPREFIX: PYTHON_CACHE,
    NODE_COMPILE_CACHE: COMPILE_CACHE,
  };
  return { transport, command, args, environment, callsAtOnce: Number.POSITIVE_INFINITY, skipped };
}
