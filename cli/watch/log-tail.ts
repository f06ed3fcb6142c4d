import type { Aws, FunctionLog, FunctionLogLine, LocatedSecret, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { Pace } from '../aws/pace.ts';
import { orError } from '../outcome/or-error.ts';

/** CloudWatch may show an older line after a newer one. */
const OVERLAP_MS = 60_000;

/** The longest window of a schedule, in which Secrets Manager repeats a failed rotation. */
const WINDOW_MS = 86_400_000;

/** Reads the new lines of rotation functions. */
export class LogTail {
  readonly #startedAt: number;
  readonly #waitForTurn: Pace['turn'];
  readonly #say: (text: string) => void;
  readonly #unreadable = new Set<string>();
  readonly #seen = new Set<string>();
  readonly #lines = new Map<string, FunctionLogLine[]>();
  #readUntil: number;

  /**
   * @param startedAt lines before this time count as seen
   * @param say gets a sentence if a log cannot be read
   */
  constructor(startedAt: number, waitForTurn: Pace['turn'], say: (text: string) => void) {
    this.#startedAt = startedAt;
    this.#readUntil = startedAt;
    this.#waitForTurn = waitForTurn;
    this.#say = say;
  }

  /** Whether the log of the function of this secret can be read. */
  isReadable({ rotationFunctionArn }: RotatingSecret): boolean {
    return rotationFunctionArn !== undefined && !this.#unreadable.has(rotationFunctionArn);
  }

  /** Reads the log of each function once, also if several secrets share the function. */
  async read(secrets: readonly LocatedSecret[], now: number): Promise<void> {
    const period = { since: this.#readUntil - OVERLAP_MS, until: now };
    this.#readUntil = now;
    for (const [functionArn, ofFunction] of Map.groupBy(secrets, ({ secret }) => secret.rotationFunctionArn)) {
      const [first] = ofFunction;
      if (functionArn !== undefined && first !== undefined) {
        const one = secrets.length === 1 ? first.secret.arn : undefined;
        const lines = await this.#try(first.aws, functionArn, (log) => log.readSteps(period, one));
        if (lines === undefined) {
          // This read failed, so the next read must cover its period too.
          this.#readUntil = period.since + OVERLAP_MS;
        }
        this.#keep(lines ?? []);
      }
    }
  }

  /**
   * The lines about a rotation that started before the command. `undefined`: the log cannot be
   * read.
   */
  async readEarlier(
    { secret, aws }: LocatedSecret,
    versionId: string,
  ): Promise<readonly FunctionLogLine[] | undefined> {
    const since = this.#startedAt - WINDOW_MS;
    return await this.#try(aws, secret.rotationFunctionArn, (log) => log.readLines(versionId, since));
  }

  async #try(
    aws: Aws,
    functionArn: string | undefined,
    read: (log: FunctionLog) => Promise<readonly FunctionLogLine[]>,
  ): Promise<readonly FunctionLogLine[] | undefined> {
    if (functionArn === undefined || this.#unreadable.has(functionArn)) {
      return undefined;
    }
    await this.#waitForTurn();
    const lines = await orError(read(aws.functionLog(functionArn)), AwsError);
    if (!(lines instanceof AwsError)) {
      return lines;
    }
    if (!lines.retryable) {
      this.#unreadable.add(functionArn);
      this.#say(
        `${lines.message} Steps and failures are not shown. Ask for logs:FilterLogEvents on the log group of ${functionArn}.`,
      );
    }
    return undefined;
  }

  /** The new lines about a secret, oldest first, each once. */
  take(secretArn: string): readonly FunctionLogLine[] {
    const lines = this.#lines.get(secretArn) ?? [];
    this.#lines.delete(secretArn);
    return lines;
  }

  #keep(lines: readonly FunctionLogLine[]): void {
    for (const line of lines) {
      const { secretArn = '' } = line;
      if (line.at >= this.#startedAt && !this.#seen.has(line.id)) {
        this.#lines.set(secretArn, [...(this.#lines.get(secretArn) ?? []), line]);
      }
      this.#seen.add(line.id);
    }
  }
}
