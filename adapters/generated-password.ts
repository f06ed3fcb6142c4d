import { generate } from 'generate-password';
import { alphabetOf, firstCharacters, type PasswordPolicy, satisfies } from '../protocol/cluster/password-policy.ts';

/**
 * Makes a generator on generate-password, which draws each character from `crypto.randomBytes`
 * without modulo bias. A password that lacks a class is discarded as a whole, so that all
 * acceptable passwords are equally likely: at least one draw in 60. generate-password's own option
 * `strict` does not escape our symbols in its regular expression.
 *
 * @returns what generates a password. The chance that it returns a password twice is negligible.
 * @throws PasswordPolicyError at once if the policy allows no acceptable password.
 */
export function createPasswordGenerator(policy: PasswordPolicy): () => string {
  const alphabet = alphabetOf(policy);
  const all = Object.values(alphabet).join('');
  return () => {
    for (;;) {
      const password = draw(1, firstCharacters(alphabet)) + draw(policy.length - 1, all);
      if (satisfies(password, policy)) {
        return password;
      }
    }
  };
}

function draw(length: number, characters: string): string {
  // Our characters replace the library's four classes.
  return generate({ length, symbols: characters, uppercase: false, lowercase: false, numbers: false });
}
