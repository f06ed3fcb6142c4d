/** Something that the person at the keyboard has to put right: the message says what, and how. */
export class SetupError extends Error {
  name = 'SetupError';
}
