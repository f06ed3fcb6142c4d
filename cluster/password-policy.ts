/** Rules for generated passwords. Zilliz Cloud and Milvus accept every password that follows them. */
export interface PasswordPolicy {
  /** 8 to 64 characters, all ASCII. */
  readonly length: number;
  /** Characters that must not occur. */
  readonly excludeCharacters: string;
}

export const DEFAULT_PASSWORD_POLICY: PasswordPolicy = { length: 40, excludeCharacters: '' };

const CLASSES = {
  upper: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  lower: 'abcdefghijklmnopqrstuvwxyz',
  digit: '0123456789',
  /**
   * Without quotes, backslash, backtick, `$`, `&`, `%`, `/`, `:`, `,`, `?`, `#`, `<`, `>`, brackets and space, because
   * these need escaping in a shell, a URL, JSON, YAML or a connection string.
   */
  special: '!*+-.=@^_~',
} as const;

type CharacterClass = keyof typeof CLASSES;

export class PasswordPolicyError extends Error {
  override readonly name = 'PasswordPolicyError' as const;
}

/** The characters that a password may hold, by class. */
export type Alphabet = Readonly<Record<CharacterClass, string>>;

/**
 * The characters that the policy leaves.
 *
 * @throws PasswordPolicyError if the policy allows no password that both Zilliz Cloud and Milvus accept.
 * @see https://docs.zilliz.com/docs/cluster-users — 8–64 characters, at least three of the four classes. Another page of
 * Zilliz says two classes, so we require all four.
 */
export function alphabetOf(policy: PasswordPolicy): Alphabet {
  if (!Number.isInteger(policy.length) || policy.length < 8 || policy.length > 64) {
    throw new PasswordPolicyError(
      `A password length of ${policy.length} is not possible. Zilliz Cloud accepts 8 to 64 characters; 40 is the default.`,
    );
  }
  const left = (characters: string): string =>
    [...characters].filter((character) => !policy.excludeCharacters.includes(character)).join('');
  const alphabet: Alphabet = {
    upper: left(CLASSES.upper),
    lower: left(CLASSES.lower),
    digit: left(CLASSES.digit),
    special: left(CLASSES.special),
  };
  for (const [name, characters] of Object.entries(alphabet)) {
    if (characters === '') {
      throw new PasswordPolicyError(
        `The excluded characters leave no ${name} character, and a password needs one of each class. Exclude fewer characters; the special ones are ${CLASSES.special}.`,
      );
    }
  }
  const entropy = entropyBits(policy.length, alphabet);
  if (entropy < 40) {
    throw new PasswordPolicyError(
      `A password of ${policy.length} of the remaining characters has ${Math.floor(entropy)} bits of entropy; at least 40 are required. Allow longer passwords or exclude fewer characters.`,
    );
  }
  return alphabet;
}

/**
 * Bits of entropy of a password that is drawn evenly from all strings of this length that hold every class. Computed by
 * inclusion and exclusion over the missing classes. The default, 40 of 72 characters, has 246 bits.
 */
export function entropyBits(length: number, alphabet: Alphabet): number {
  const sizes = Object.values(alphabet).map((characters) => characters.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let share = 0;
  for (let missing = 0; missing < 1 << sizes.length; missing++) {
    const without = sizes.reduce((sum, size, index) => (missing & (1 << index) ? sum + size : sum), 0);
    const sign = sizes.reduce((product, _, index) => (missing & (1 << index) ? -product : product), 1);
    share += sign * ((total - without) / total) ** length;
  }
  return length * Math.log2(total) + Math.log2(share);
}

/** Whether the policy can produce this password. */
export function satisfies(password: string, policy: PasswordPolicy): boolean {
  const alphabet = alphabetOf(policy);
  const characters = Object.values(alphabet);
  const allowed = characters.join('');
  return (
    password.length === policy.length &&
    [...password].every((character) => allowed.includes(character)) &&
    characters.every((set) => [...set].some((character) => password.includes(character)))
  );
}
