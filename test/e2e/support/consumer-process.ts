import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { expect, vi } from 'vitest';
import { awsEnvironment } from '../../../local/cloud/access.ts';
import { PYTHON_CACHE, TESTS_BIN } from '../../../local/project.ts';
import type { AtEnd } from '../../support/loopback.ts';
import { servers } from '../../support/servers.ts';

export const CONSUMERS: string = join(import.meta.dirname, 'consumers');

/** An application that calls the cluster again and again, through a client. */
export interface Consumer {
  /** Resolved when the application begins its calls, and rejected if it ends before. */
  readonly ready: Promise<void>;
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
 * @param client A driver makes two calls at a time, or fewer if its calls share nothing.
 * @param atEnd `onTestFinished` of the test's own context. The global one belongs to any of the
 * concurrent tests.
 */
export function start(
  { command, args, callsAtOnce = 2 }: { command: string; args: readonly string[]; callsAtOnce?: number },
  secretId: string,
  caFile: string,
  atEnd: AtEnd,
): Consumer {
  const child = spawn(command, [...args, secretId, caFile], {
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
  const consumer: Consumer = { ready, lines: [], failures: [], output: '' };
  child.on('close', () => reject(new Error(`The application has ended: ${consumer.output}`)));
  child.stdin.write(`${secretId} call ${Math.min(2, callsAtOnce)}\n`);
  createInterface(child.stderr).on('line', (line) => {
    consumer.output += `${line}\n`;
  });
  createInterface(child.stdout).on('line', (line) => {
    consumer.output += `${line}\n`;
    consumer.lines.push(line.replace(`${secretId} `, ''));
    resolve();
    setTimeout(() => child.stdin.write(`${secretId} call 1\n`), 20);
    if (line.includes('failed')) {
      consumer.failures.push(line);
    }
  });
  return consumer;
}

/**
 * Waits for answers to calls that have started after now. Frameworks for Python need more than a
 * minute to load on a busy machine, so nothing limits that time but the limit of the test. A
 * connection can stand still for a minute after a refused call.
 */
export async function moreAnswers(consumer: Consumer): Promise<void> {
  await consumer.ready;
  const before = consumer.lines.length;
  const answers = (): string[] => consumer.lines.slice(before).filter((line) => line === 'ok');
  await vi.waitFor(() => expect(answers().length, consumer.output).toBeGreaterThan(2), { timeout: 150_000 });
}
