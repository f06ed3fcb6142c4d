/** An error that the user can correct. Its message says what is wrong and what to do. */
export class SetupError extends Error {
  name = 'SetupError';
}
