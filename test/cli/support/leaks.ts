import { expect } from 'vitest';
import { leakedForms } from '../../support/password-forms.ts';

/** A shorter text is also a part of words that the command prints. */
const MIN_LENGTH = 8;

/** The passwords and keys that the value of a secret holds. */
function passwordsIn(value: string): string[] {
  try {
    const { password, apiKey, token } = JSON.parse(value);
    return [password, apiKey, ...(typeof token === 'string' ? passwordsIn(token) : [])];
  } catch {
    // A key alone, or `user:password`. A note has words.
    return /\s/.test(value) ? [] : [value.slice(value.indexOf(':') + 1)];
  }
}

/** The output of no command has a password or a key in any form. */
export function checkNoLeaks(printed: string, values: readonly string[]): void {
  const passwords = values.flatMap(passwordsIn).filter((password) => password?.length >= MIN_LENGTH);
  expect(leakedForms(printed, new Set(passwords)), 'forms of a password in the output').toEqual([]);
}
