/** Why something was not done, or did not come out well. */
export interface Explained {
  /** Stable, for scripts: `previous-incomplete`, or the function's own error code. */
  readonly code: string;
  readonly message: string;
  /** What to do next. */
  readonly advice: string;
}
