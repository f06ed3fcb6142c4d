import { tokenOf } from './document.ts';

/** The description of a secret that this product creates. */
export const SECRET_DESCRIPTION = 'Credential of a Zilliz Cloud or Milvus cluster, rotated by zilliz-secret-rotation';

/** The value of a new secret. */
export function newDocument({
  endpoint,
  username,
  password,
}: {
  readonly endpoint: string;
  readonly username: string;
  readonly password: string;
}): string {
  return JSON.stringify({ endpoint, username, password, token: tokenOf({ username, password }) });
}
