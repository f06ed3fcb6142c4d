import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { vi } from 'vitest';
import { awsEnvironment } from '../../local/cloud/access.ts';
import type { AtEnd } from '../support/loopback.ts';
import type { Client } from './clients.ts';
import { PlayedSecret, playSecretsManager } from './played-secret.ts';

/**
 * A process with small applications. Each uses one client as its documentation says, and is named
 * by its secret. For the line `SECRET call N`, the application starts N calls at once, and prints
 * `SECRET ok` or `SECRET failed KIND` at the end of each. KIND is an {@link Outcome}. The line
 * `SECRET close` closes the client. The process ends with its input. It never prints a password.
 */
export class Driver {
  /** Everything that the process has printed, with its errors. */
  output = '';
  readonly #transport: Client['transport'];
  readonly #applications: Map<string, Application>;
  readonly #child: ChildProcessWithoutNullStreams;

  private constructor(
    { transport }: Client,
    applications: Map<string, Application>,
    child: ChildProcessWithoutNullStreams,
  ) {
    this.#transport = transport;
    this.#applications = applications;
    this.#child = child;
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      this.output += String(error);
    });
    child.stderr.on('data', (text: Buffer) => {
      this.output += text.toString();
    });
    createInterface(child.stdout).on('line', (line) => {
      this.output += `${line}\n`;
      const [secretId = '', ...outcome] = line.split(' ');
      applications.get(secretId)?.seen.push(outcome.at(-1) ?? '');
    });
  }

  static async start(client: Client, atEnd: AtEnd, further: Readonly<Record<string, string>> = {}): Promise<Driver> {
    const applications = new Map<string, Application>();
    const awsUrl = await playSecretsManager((secretId) => applications.get(secretId)?.secret, atEnd);
    const { AWS_ENDPOINT_URL: _, ...aws } = awsEnvironment({ awsUrl });
    const child = spawn(client.command, client.args, {
      env: { ...client.environment, ...aws, AWS_ENDPOINT_URL_SECRETS_MANAGER: awsUrl, ...further },
    });
    atEnd(() => void child.kill('SIGKILL'));
    return new Driver(client, applications, child);
  }

  /** @returns another application. It shares the process with the others, and nothing else. */
  async open(atEnd: AtEnd): Promise<Application> {
    const secret = await PlayedSecret.start(this.#transport, atEnd);
    const secretId = `milvus/orders-${this.#applications.size}`;
    const application = new Application(secret, this.#child, secretId);
    this.#applications.set(secretId, application);
    return application;
  }

  /** Ends the process. @returns its exit code. */
  async end(): Promise<number | null> {
    const ended = once(this.#child, 'close', { signal: AbortSignal.timeout(60_000) });
    this.#child.stdin.end();
    const [code] = (await ended) as [number | null];
    return code;
  }
}

export class Application {
  readonly secret: PlayedSecret;
  /** What the calls have seen that no {@link outcomes} has returned. */
  readonly seen: string[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #secretId: string;

  constructor(secret: PlayedSecret, child: ChildProcessWithoutNullStreams, secretId: string) {
    this.secret = secret;
    this.#child = child;
    this.#secretId = secretId;
  }

  call(count: number): void {
    this.#child.stdin.write(`${this.#secretId} call ${count}\n`);
  }

  close(): void {
    this.#child.stdin.write(`${this.#secretId} close\n`);
  }

  /** @returns what the next calls that end have seen, or less if the process has ended. */
  async outcomes(count: number): Promise<string[]> {
    await vi.waitUntil(() => this.seen.length >= count || this.#child.stdout.destroyed, 500_000);
    return this.seen.splice(0, count);
  }
}
