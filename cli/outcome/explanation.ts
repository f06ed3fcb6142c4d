/** Why a command did not reach its goal for a secret. */
export interface Explanation {
  /** For scripts: `previous-incomplete`, or the error code of the rotation function. */
  readonly code: string;
  readonly message: string;
  /** What to do next. */
  readonly advice: string;
}
