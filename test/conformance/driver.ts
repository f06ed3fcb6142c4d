import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { AtEnd } from '../support/loopback.ts';

/** How to start the driver of a client. */
export interface DriverCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * A small application that uses one client as its documentation says. It gets the address of
 * Secrets Manager and SECRET_ID in its environment, and prints `ready`. For the line `call N`, it
 * starts N calls at once, and prints `ok` or `failed KIND` at the end of each. KIND is an
 * {@link Outcome}. The line `stop` ends it. The drivers for Java and Go also know the line `close`,
 * which closes the client. A driver never prints a password.
 */
export class Driver {
  /** Everything that the driver has printed, with its errors. */
  output = '';
  readonly #write: (line: string) => void;
  readonly #lines: AsyncIterator<string>;

  constructor({ command, args, environment }: DriverCommand, further: Readonly<Record<string, string>>, atEnd: AtEnd) {
    const child = spawn(command, args, { env: { ...environment, ...further } });
    atEnd(() => void child.kill('SIGKILL'));
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      this.output += String(error);
    });
    child.stderr.on('data', (text: Buffer) => {
      this.output += text.toString();
    });
    this.#write = (line) => void child.stdin.write(`${line}\n`);
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  async ready(): Promise<void> {
    const line = await this.#line();
    if (line !== 'ready') {
      throw new Error(`The driver has not started, but printed ${line}: ${this.output}`);
    }
  }

  start(calls: number): void {
    this.#write(`call ${calls}`);
  }

  close(): void {
    this.#write('close');
  }

  /** @returns what the next calls that end have seen. */
  async outcomes(count: number): Promise<string[]> {
    const lines: string[] = [];
    while (lines.length < count) {
      lines.push(await this.#line());
    }
    return lines.map((line) => line.replace('failed ', ''));
  }

  /** @returns undefined if the driver ends, as it must. */
  async stop(): Promise<string | undefined> {
    this.#write('stop');
    const { value } = (await this.#lines.next()) as { value?: string };
    return value;
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) {
      throw new Error(`The driver has ended: ${this.output}`);
    }
    this.output += `${value}\n`;
    return value;
  }
}
