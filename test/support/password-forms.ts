/** The forms of a leaked password. Not those of cluster/redaction.ts, to find its gaps. */
const FORMS: Readonly<Record<string, (password: string) => string>> = {
  plain: (password) => password,
  base64: (password) => Buffer.from(password).toString('base64').replace(/=+$/, ''),
  base64url: (password) => Buffer.from(password).toString('base64url'),
  hex: (password) => Buffer.from(password).toString('hex'),
  'URI component': encodeURIComponent,
  form: (password) => new URLSearchParams([['', password]]).toString().slice(1),
  'JSON string': (password) => JSON.stringify(password).slice(1, -1),
  'Go string': (password) =>
    JSON.stringify(password)
      .slice(1, -1)
      .replace(/[<>&]/g, (character) => `\\u00${Buffer.from(character).toString('hex')}`),
};

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
