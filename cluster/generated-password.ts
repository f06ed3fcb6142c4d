import { generate } from 'generate-password';
import { alphabetOf, type PasswordPolicy, PasswordPolicyError, satisfies } from './password-policy.ts';

/** Makes passwords. Port: `generate` never returns the same password twice, for all practical purposes. */
export interface PasswordGenerator {
  generate(): string;
}

/** Redraws enough to make failure impossible in practice: even 8 characters hold all four classes in half of the draws. */
const DRAWS = 1000;

/**
 * Passwords from generate-password, which draws each character from `crypto.randomBytes` by rejection (no modulo bias).
 * Whole passwords that miss a class are drawn again, so that all that fit are equally likely; generate-password's own
 * `strict` would do the same, but builds a regular expression from our symbols without escaping them.
 *
 * @throws PasswordPolicyError at once when the policy allows no acceptable password.
 */
export function createPasswordGenerator(policy: PasswordPolicy): PasswordGenerator {
  const alphabet = Object.values(alphabetOf(policy)).join('');
  return {
    generate: () => {
      for (let draw = 0; draw < DRAWS; draw++) {
        const password = generate({
          length: policy.length,
          // The pool is the symbols alone: our alphabet replaces the library's four classes.
          symbols: alphabet,
          uppercase: false,
          lowercase: false,
          numbers: false,
        });
        if (satisfies(password, policy)) {
          return password;
        }
      }
      throw new PasswordPolicyError('No password of the policy was drawn. Make it longer or exclude fewer characters.');
    },
  };
}
