import type { FormOfCredential } from './credential-form.ts';

/** The password of a cluster user. The versions of a user hold its earlier and later passwords. */
export const passwordForm: FormOfCredential = {
  noun: 'a user and a password',
  secretWord: 'password',
  unnamed: 'the user in AWSCURRENT',
  nameOf: (username) => username,
  isPrintable: () => false,
  json: (username) => ({ username, apiKeyId: null }),
  notDeleted: () => undefined,
  rejected: (user) => `The cluster rejects every tried password of ${user}.`,
  likelyCause: (isFirstValue) =>
    isFirstValue
      ? 'The secret has only its first value. If the rotation stack created the secret, this value is a placeholder, and nobody has stored the password yet.'
      : 'Probably somebody changed the password outside this secret, or AWSCURRENT names the wrong user or host.',
  howToStore: (name) =>
    `If you know the password, store it with \`zilliz-rotation init ${name}\`, which asks for it and proves it.`,
  howToReplace: (name) =>
    `If nobody knows the password, let an admin set a new one: \`zilliz-rotation repair ${name} --admin-secret ADMIN-SECRET\`.`,
};
