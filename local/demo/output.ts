import { createHash } from 'node:crypto';
import { styleText } from 'node:util';

export class FailedCheckError extends Error {
  override readonly name = 'FailedCheckError' as const;
}

/** Prints the steps of the demo until it is interrupted, and counts the passed checks. */
export class DemoOutput {
  readonly #stream: NodeJS.WriteStream;
  readonly #interruption: AbortSignal;
  readonly #start = performance.now();
  #steps = 0;
  #stepStart = this.#start;
  #checks = 0;

  constructor(stream: NodeJS.WriteStream, interruption: AbortSignal) {
    this.#stream = stream;
    this.#interruption = interruption;
  }

  get checks(): number {
    return this.#checks;
  }

  /** Time since the start of the demo: `21.4 s`. */
  get elapsed(): string {
    return seconds(performance.now() - this.#start);
  }

  step(title: string, explanation: string): void {
    this.#steps++;
    this.#stepStart = performance.now();
    this.#write('');
    this.#write(this.#style('bold', `${this.#steps}  ${title}`));
    this.#write(indented(explanation));
    this.#write('');
  }

  /** An action that takes some seconds. */
  running(action: string): void {
    this.#write(indented(this.#style('dim', `${action} …`)));
  }

  /** The end of an action, with the time since the step began. */
  done(result: string): void {
    const time = seconds(performance.now() - this.#stepStart);
    this.#write(indented(`${result} ${this.#style('dim', `(${time})`)}`));
  }

  fact(name: string, value: string): void {
    this.#write(indented(`${name.padEnd(18)} ${value}`));
  }

  /** Prints the text of a file, or a command, with more indentation. */
  quote(text: string): void {
    this.#write(text.trimEnd().replace(/^/gm, `${INDENT}  `));
  }

  /** @throws FailedCheckError if the check did not pass. */
  check(statement: string, passed: boolean): void {
    const mark = passed ? this.#style('green', '✔') : this.#style('red', '✘');
    this.#write(indented(`${mark} ${statement}`));
    if (!passed) {
      throw new FailedCheckError(`This check failed: ${statement}`);
    }
    this.#checks++;
  }

  /** Prints the result of the demo, also after an interruption. */
  end(text: string): void {
    this.#stream.write(`\n${this.#style('bold', text)}\n`);
  }

  #style(style: 'bold' | 'dim' | 'green' | 'red', text: string): string {
    return styleText(style, text, { stream: this.#stream });
  }

  #write(line: string): void {
    this.#interruption.throwIfAborted();
    this.#stream.write(`${line}\n`);
  }
}

/** Identifies a random password without revealing it: the start of its hash. */
export function fingerprint(password: string): string {
  return `#${createHash('sha256').update(password).digest('hex').slice(0, 8)}`;
}

const INDENT = '   ';

function indented(text: string): string {
  return text.replace(/^/gm, INDENT);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
