import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createPasswordGenerator } from '../../adapters/generated-password.ts';
import {
  alphabetOf,
  DEFAULT_PASSWORD_POLICY,
  type PasswordPolicy,
  PasswordPolicyError,
  satisfies,
} from '../../protocol/cluster/password-policy.ts';

const PRINTABLE = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index));

describe('a generated password', () => {
  it('is accepted by Zilliz Cloud and by Milvus under every policy that is not refused', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 64 }),
        fc.subarray(PRINTABLE).map((characters) => characters.join('')),
        (length, excludeCharacters) => {
          const policy: PasswordPolicy = { length, excludeCharacters };
          let newPassword: () => string;
          try {
            newPassword = createPasswordGenerator(policy);
          } catch (error) {
            expect(error).toBeInstanceOf(PasswordPolicyError);
            return;
          }
          const password = newPassword();
          expect(password).toHaveLength(length);
          expect(Buffer.byteLength(password)).toBeLessThanOrEqual(72);
          for (const characterClass of [/[A-Z]/, /[a-z]/, /[0-9]/, /[^A-Za-z0-9]/]) {
            expect(password).toMatch(characterClass);
          }
          expect([...password].some((character) => excludeCharacters.includes(character))).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('needs no quotes in a shell word, a URL, JSON or YAML by default', () => {
    const { special } = alphabetOf(DEFAULT_PASSWORD_POLICY);
    expect(special).not.toMatch(/["'`\\$&%/:,?#<>()[\]{}|;\s*!~^]/);
    const newPassword = createPasswordGenerator(DEFAULT_PASSWORD_POLICY);
    for (let n = 0; n < 500; n++) {
      const password = newPassword();
      expect(password).toMatch(/^[A-Za-z0-9]/);
      expect(parse(`password: ${password}`)).toEqual({ password });
    }
  });

  it('uses every character of the alphabet about equally often', () => {
    const newPassword = createPasswordGenerator({ length: 64, excludeCharacters: '' });
    const counts = new Map<string, number>();
    const passwords = 4000;
    for (let n = 0; n < passwords; n++) {
      for (const character of newPassword()) {
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
    }
    const alphabet = Object.values(alphabetOf(DEFAULT_PASSWORD_POLICY)).join('');
    const expected = (passwords * 64) / alphabet.length;
    // A modulo over a byte would favour the first 256 % 68 = 52 characters by a third. A fair draw
    // strays by ten standard deviations (60 each) once in 10^22 runs.
    for (const character of alphabet) {
      expect(Math.abs((counts.get(character) ?? 0) - expected)).toBeLessThan(600);
    }
    expect(counts.size).toBe(alphabet.length);
  });

  it('is one of as many texts as the documentation states', () => {
    const alphabet = Object.values(alphabetOf(DEFAULT_PASSWORD_POLICY)).join('');
    expect(Math.floor(DEFAULT_PASSWORD_POLICY.length * Math.log2(alphabet.length))).toBe(243);
  });
});

describe('a password policy', () => {
  it.each([
    [7, ''],
    [65, ''],
    [12.5, ''],
    [40, '0123456789'],
    [40, '+-.=@_'],
    [8, 'ABCDEFGHIJKLMNOPQRSTUVWXYbcdefghijklmnopqrstuvwxyz012345678+-.=@'],
  ])('refuses the length %d without the characters "%s"', (length, excludeCharacters) => {
    expect(() => alphabetOf({ length, excludeCharacters })).toThrow(PasswordPolicyError);
  });

  it('recognises its own passwords and no others', () => {
    const policy = { length: 12, excludeCharacters: 'l' };
    expect(satisfies('Abcdefghij-1', policy)).toBe(true);
    expect(satisfies('Abcdefghij-12', policy)).toBe(false);
    expect(satisfies('Abcdefghil-1', policy)).toBe(false);
    expect(satisfies('abcdefghij-1', policy)).toBe(false);
    expect(satisfies('Abcdefghij:1', policy)).toBe(false);
    expect(satisfies('Abcdefghi!-1', policy)).toBe(false);
    expect(satisfies('-bcdefghijA1', policy)).toBe(false);
  });
});
