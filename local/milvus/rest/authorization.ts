/** The user that a request names, and whether the header has the form of HTTP's Basic scheme. */
export interface RestCaller {
  readonly username: string;
  readonly token: string;
}

/**
 * Reads `Authorization` as Milvus does: `Basic`, or `Bearer user:password`, or the token alone.
 *
 * @returns undefined if the header names no user or no password. Open source Milvus has no API
 * keys.
 */
export function callerOf(authorization: string | undefined): RestCaller | undefined {
  const token = basicToken(authorization) ?? authorization?.replace(/^Bearer /, '') ?? '';
  const [username = '', ...password] = token.split(':');
  return username === '' || password.join(':') === '' ? undefined : { username, token };
}

/** @returns undefined if the header does not have the form of the Basic scheme */
export function basicToken(authorization: string | undefined): string | undefined {
  const [, base64] = /^Basic ([A-Za-z\d+/]+={0,2})$/i.exec(authorization ?? '') ?? [];
  const token = base64 === undefined ? '' : Buffer.from(base64, 'base64').toString();
  return token.includes(':') ? token : undefined;
}
