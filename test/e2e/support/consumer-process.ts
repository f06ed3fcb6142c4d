import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { expect, vi } from 'vitest';
import { awsEnvironment } from '../../../local/cloud/access.ts';
import { PYTHON_CACHE, TESTS_BIN } from '../../../local/project.ts';
import type { AtEnd } from '../../support/loopback.ts';
import { servers } from '../../support/servers.ts';

export const CONSUMERS: string = join(import.meta.dirname, 'consumers');

/**
 * Before each further call, in milliseconds. Without it, the fast clients would take all the CPU.
 */
const PAUSE = 100;

/** An application that calls the cluster again and again, through a client. */
export interface Consumer {
  /** Resolved when the application begins its calls, and rejected if it ends before. */
  readonly ready: Promise<void>;
  readonly callsAtOnce: number;
  /** The lines of its standard output: `ok` for each answer from the cluster. */
  readonly lines: string[];
  /** The errors that reached the caller of the client. */
  readonly failures: string[];
  /** Everything that the application has printed. */
  output: string;
}

/**
 * Starts the application until the test ends.
 *
 * @param atEnd `onTestFinished` of the test's own context. The global one belongs to any of the
 * concurrent tests.
 */
export function start(
  client: { readonly command: string; readonly args: readonly string[]; readonly callsAtOnce: number },
  secretId: string,
  caFile: string,
  atEnd: AtEnd,
): Consumer {
  // As many as those of consumer.py.
  const callsAtOnce = Math.min(3, client.callsAtOnce);
  const child = spawn(client.command, [...client.args, secretId, caFile], {
    env: {
      ...awsEnvironment(servers().access),
      PATH: [TESTS_BIN, process.env['PATH']].join(delimiter),
      ...(caFile !== '' && { CA_FILE: caFile, SSL_CERT_FILE: caFile, CURL_CA_BUNDLE: caFile }),
      PYTHONPYCACHEPREFIX: PYTHON_CACHE,
    },
  });
  atEnd(() => void child.kill('SIGKILL'));
  child.stdin.on('error', () => undefined);
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  ready.catch(() => undefined);
  const consumer: Consumer = { ready, callsAtOnce, lines: [], failures: [], output: '' };
  child.on('close', () => reject(new Error(`The application has ended: ${consumer.output}`)));
  child.stdin.write(`${secretId} call ${callsAtOnce}\n`);
  createInterface(child.stderr).on('line', (line) => {
    consumer.output += `${line}\n`;
  });
  createInterface(child.stdout).on('line', (line) => {
    consumer.output += `${line}\n`;
    consumer.lines.push(line.replace(`${secretId} `, ''));
    resolve();
    setTimeout(() => child.stdin.write(`${secretId} call 1\n`), PAUSE);
    if (line.includes('failed')) {
      consumer.failures.push(line);
    }
  });
  return consumer;
}

/**
 * Waits for an answer to a call that has started after now. Frameworks for Python need more than a
 * minute to load on a busy machine, so nothing limits that time but the limit of the test. A
 * connection can stand still for a minute after a refused call.
 */
export async function moreAnswers(consumer: Consumer): Promise<void> {
  await consumer.ready;
  const before = consumer.lines.length;
  const answers = (): string[] => consumer.lines.slice(before).filter((line) => line === 'ok');
  await vi.waitFor(() => expect(answers().length, consumer.output).toBeGreaterThan(consumer.callsAtOnce), {
    timeout: 150_000,
  });
}
