/** The forms of a leaked password. Not those of cluster/redaction.ts, to find its gaps. */
const FORMS: Readonly<Record<string, (password: string) => string>> = {
  plain: (password) => password,
  base64: (password) => Buffer.from(password).toString('base64').replace(/=+$/, ''),
  base64url: (password) => Buffer.from(password).toString('base64url'),
  hex: (password) => Buffer.from(password).toString('hex'),
  'URI component': encodeURIComponent,
  'JSON string': (password) => JSON.stringify(password).slice(1, -1),
  // In the base64 of `user:password`, the alignment of the password depends on the length of the
  // user.
  'base64, shifted by 1': (password) => shiftedBase64(password, 1),
  'base64, shifted by 2': (password) => shiftedBase64(password, 2),
};

function shiftedBase64(password: string, bytes: number): string {
  return Buffer.concat([Buffer.alloc(bytes), Buffer.from(password)])
    .toString('base64')
    .slice(4, -4);
}

/** The forms in which the text contains one of the passwords. */
export function leakedForms(text: string, passwords: Iterable<string>): string[] {
  return Object.entries(FORMS).flatMap(([name, formOf]) =>
    [...passwords].some((password) => text.includes(formOf(password))) ? [name] : [],
  );
}
