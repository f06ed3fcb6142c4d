import { createHash } from 'node:crypto';
import { styleText } from 'node:util';

/** What was promised turned out not to be so. */
export class BrokenPromiseError extends Error {
  override readonly name = 'BrokenPromiseError' as const;
}

/** Tells the story on a stream until it is interrupted, and keeps count of what it has shown to be true. */
export class Narrator {
  readonly #out: NodeJS.WriteStream;
  readonly #interruption: AbortSignal;
  readonly #start = performance.now();
  #chapters = 0;
  #chapterStart = this.#start;
  #checks = 0;

  constructor(out: NodeJS.WriteStream, interruption: AbortSignal) {
    this.#out = out;
    this.#interruption = interruption;
  }

  get checks(): number {
    return this.#checks;
  }

  /** Seconds since the beginning, for people. */
  get elapsed(): string {
    return seconds(performance.now() - this.#start);
  }

  chapter(title: string, why: string): void {
    this.#chapters++;
    this.#chapterStart = performance.now();
    this.#write('');
    this.#write(this.#bold(`${this.#chapters}  ${title}`));
    this.#write(indented(why));
    this.#write('');
  }

  /** Something that was done, with the time since the chapter began. */
  done(what: string): void {
    this.#write(indented(`${what} ${this.#dim(`(${seconds(performance.now() - this.#chapterStart)})`)}`));
  }

  /** What takes a while now. */
  working(what: string): void {
    this.#write(indented(this.#dim(`${what} …`)));
  }

  fact(name: string, value: string): void {
    this.#write(indented(`${name.padEnd(14)} ${value}`));
  }

  /** Text of a file or a command, as it is. */
  quote(text: string): void {
    this.#write(text.trimEnd().replace(/^/gm, `${INDENT}  `));
  }

  /** @throws BrokenPromiseError when it does not hold. */
  check(sentence: string, holds: boolean): void {
    const mark = holds ? styleText('green', '✔', { stream: this.#out }) : styleText('red', '✘', { stream: this.#out });
    this.#write(indented(`${mark} ${sentence}`));
    if (!holds) {
      throw new BrokenPromiseError(`This does not hold: ${sentence}`);
    }
    this.#checks++;
  }

  /** The last word: also after an interruption. */
  end(text: string): void {
    this.#out.write(`\n${this.#bold(text)}\n`);
  }

  #bold(text: string): string {
    return styleText('bold', text, { stream: this.#out });
  }

  #dim(text: string): string {
    return styleText('dim', text, { stream: this.#out });
  }

  #write(line: string): void {
    this.#interruption.throwIfAborted();
    this.#out.write(`${line}\n`);
  }
}

/** Tells passwords apart without showing any: theirs are random enough that a hash gives nothing away. */
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
