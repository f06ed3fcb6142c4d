/** The codes of refusals. ASSUMPTION keys-refusals */
const CODES = {
  INVALID: 400,
  NOT_FOUND: 404,
  QUOTA_REACHED: 409,
  FORBIDDEN: 96_013,
} as const;

/**
 * The control plane answers it with `code` and `message`. The message holds no value of the
 * request.
 */
export class KeyRefusal extends Error {
  override readonly name = 'KeyRefusal' as const;
  readonly code: number;

  constructor(reason: keyof typeof CODES, message: string) {
    super(message);
    this.code = CODES[reason];
  }
}
