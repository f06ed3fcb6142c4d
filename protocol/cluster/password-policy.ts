/**
 * Rules for generated passwords. Zilliz Cloud and Milvus accept every password that follows them.
 */
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
   * Characters that need no quotes in a shell, JSON or YAML, unless they come first. A URL needs
   * `@` and `+` encoded. `*` is a pattern and `!` a history expansion in a shell; `~` and `^` are
   * special in some shells and in YAML.
   */
  special: '+-.=@_',
} as const;

/**
 * The fewest texts of the length and the characters of a policy. A password must hold every class,
 * which excludes some of them: about 2^39 remain.
 */
const MIN_TEXTS = 2 ** 45;

type CharacterClass = keyof typeof CLASSES;

export class PasswordPolicyError extends Error {
  override readonly name = 'PasswordPolicyError' as const;
}

/** The characters that a password may hold, by class. */
export type Alphabet = Readonly<Record<CharacterClass, string>>;

/**
 * The characters that the policy leaves.
 *
 * @throws PasswordPolicyError if the policy allows no password that both Zilliz Cloud and Milvus
 * accept.
 * @see https://docs.zilliz.com/docs/cluster-users-sdk — 8–64 characters, at least three of the four
 * classes. Another page of Zilliz says two classes, so we require all four.
 * ASSUMPTION zilliz-password
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
  const characters = Object.values(alphabet).join('').length;
  if (characters ** policy.length < MIN_TEXTS) {
    throw new PasswordPolicyError(
      `A password of ${policy.length} of the ${characters} remaining characters is too easy to guess. Allow longer passwords or exclude fewer characters.`,
    );
  }
  return alphabet;
}

/**
 * The characters that a password may begin with. A special character would need quotes in YAML and
 * in some shells.
 */
export function firstCharacters({ upper, lower, digit }: Alphabet): string {
  return upper + lower + digit;
}

/** Whether the policy can produce this password. */
export function satisfies(password: string, policy: PasswordPolicy): boolean {
  const alphabet = alphabetOf(policy);
  const characters = Object.values(alphabet);
  const allowed = characters.join('');
  return (
    password.length === policy.length &&
    firstCharacters(alphabet).includes(password.charAt(0)) &&
    [...password].every((character) => allowed.includes(character)) &&
    characters.every((set) => [...set].some((character) => password.includes(character)))
  );
}
