/** Arguments that contradict each other, or that name nothing. The message says what was wrong. */
export class UsageError extends Error {
  override readonly name = 'UsageError' as const;
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}
