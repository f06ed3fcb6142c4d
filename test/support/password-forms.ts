/**
 * The forms of a leaked password. They are not taken from protocol/secret/redaction.ts, so that a
 * test can find gaps there.
 */
const FORMS: Readonly<Record<string, (password: string) => string>> = {
  plain: (password) => password,
  base64: (password) => Buffer.from(password).toString('base64').replace(/=+$/, ''),
  base64url: (password) => Buffer.from(password).toString('base64url'),
  'base64 of base64': (password) => base64(base64(password)).replace(/=+$/, ''),
  'base64 of a JSON string': (password) => base64(JSON.stringify(password)),
  hex: (password) => hexBytes(password).join(''),
  'hex with spaces': (password) => hexBytes(password).join(' '),
  'hex with colons': (password) => hexBytes(password).join(':').toUpperCase(),
  'hex with prefixes': (password) =>
    hexBytes(password)
      .map((byte) => `0x${byte}`)
      .join(', '),
  'C string': (password) =>
    hexBytes(password)
      .map((byte) => `\\x${byte}`)
      .join(''),
  octal: (password) => [...Buffer.from(password)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
  'URI component': encodeURIComponent,
  'lower-case URI component': (password) => encodeURIComponent(password).replace(/%../g, (byte) => byte.toLowerCase()),
  'URI component, every byte': (password) =>
    hexBytes(password)
      .map((byte) => `%${byte}`)
      .join(''),
  'URI component, twice': (password) => encodeURIComponent(encodeURIComponent(password)),
  'URI component, three times': (password) => encodeURIComponent(encodeURIComponent(encodeURIComponent(password))),
  form: (password) => new URLSearchParams([['', password]]).toString().slice(1),
  'JSON string': (password) => JSON.stringify(password).slice(1, -1),
  'JSON in a JSON string': (password) => JSON.stringify(JSON.stringify(password)).slice(3, -3),
  'Go string': (password) =>
    JSON.stringify(password)
      .slice(1, -1)
      .replace(/[<>&]/g, (character) => `\\u00${hexBytes(character).join('')}`),
  'HTML, named': (password) => password.replace(/[&<>"'+]/g, (character) => `&${HTML_NAMES.get(character)};`),
  'HTML, decimal': (password) => password.replace(/[^a-z0-9]/giu, (character) => `&#${character.codePointAt(0)};`),
  'HTML, hexadecimal': (password) =>
    password.replace(/[^a-z0-9]/giu, (character) => `&#x${character.codePointAt(0)?.toString(16)};`),
};

const HTML_NAMES = new Map([
  ['&', 'amp'],
  ['<', 'lt'],
  ['>', 'gt'],
  ['"', 'quot'],
  ["'", 'apos'],
  ['+', 'plus'],
]);

/**
 * A part of the base64 of `user:password`, in which the alignment of the password depends on the
 * length of the user.
 */
const FRAGMENTS: typeof FORMS = {
  'base64, shifted by 1': (password) => shiftedBase64(password, 1),
  'base64, shifted by 2': (password) => shiftedBase64(password, 2),
};

function shiftedBase64(password: string, bytes: number): string {
  return Buffer.concat([Buffer.alloc(bytes), Buffer.from(password)])
    .toString('base64')
    .slice(4, -4);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function hexBytes(text: string): string[] {
  return [...Buffer.from(text)].map((byte) => byte.toString(16).padStart(2, '0'));
}

/** The password in every form, as a program may quote it. */
export function formsOf(password: string): string[] {
  return Object.values(FORMS).map((formOf) => formOf(password));
}

/** The forms in which the text contains one of the passwords. */
export function leakedForms(text: string, passwords: Iterable<string>): string[] {
  return Object.entries({ ...FORMS, ...FRAGMENTS }).flatMap(([name, formOf]) =>
    [...passwords].some((password) => text.includes(formOf(password))) ? [name] : [],
  );
}
