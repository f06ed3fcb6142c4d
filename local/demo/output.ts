import { createHash } from 'node:crypto';
import { styleText } from 'node:util';

export class FailedCheckError extends Error {
  override readonly name = 'FailedCheckError' as const;
}

/** Prints the steps of the demo until it is interrupted, and counts the passed checks. */
export class DemoOutput {
  readonly #stream: NodeJS.WritableStream;
  readonly #interruption: AbortSignal;
  #steps = 0;
  checks = 0;

  constructor(stream: NodeJS.WritableStream, interruption: AbortSignal) {
    this.#stream = stream;
    this.#interruption = interruption;
  }

  step(title: string, explanation: string): void {
    this.#steps++;
    this.print(`\n${this.#style('bold', `${this.#steps}  ${title}`)}`, '');
    this.print(`${explanation}\n`);
  }

  /** Prints each line with an indentation. */
  print(text: string, indentation = '   '): void {
    this.#interruption.throwIfAborted();
    this.#stream.write(`${text.trimEnd().replace(/^(?=.)/gm, indentation)}\n`);
  }

  fact(name: string, value: string): void {
    this.print(`${name.padEnd(18)} ${value}`);
  }

  /** @throws FailedCheckError if the check did not pass. */
  check(statement: string, passed: boolean): void {
    this.print(`${passed ? this.#style('green', '✔') : this.#style('red', '✘')} ${statement}`);
    if (!passed) {
      throw new FailedCheckError(`This check failed: ${statement}`);
    }
    this.checks++;
  }

  /** Prints the result of the demo, also after an interruption. */
  end(text: string): void {
    this.#stream.write(`\n${this.#style('bold', text)}\n`);
  }

  #style(style: 'bold' | 'green' | 'red', text: string): string {
    return styleText(style, text, { stream: this.#stream });
  }
}

/** Identifies a random password without revealing it: the start of its hash. */
export function fingerprint(password: string): string {
  return `#${createHash('sha256').update(password).digest('hex').slice(0, 8)}`;
}
