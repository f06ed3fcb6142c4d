import { expect, it } from 'vitest';
import { classifyRefusal } from '../../protocol/cluster/refusal.ts';

it.each([
  ['a wrong old password', { code: 1400, reason: 'old password not correct' }, 'old-password'],
  ['a short password', { code: 1100, reason: 'invalid password length' }, 'new-password'],
  ['a short password, by its older name', { name: 'IllegalArgument', code: 0, reason: 'password' }, 'new-password'],
  ['a password like the user', { code: 1100, reason: 'password must not contain the username' }, 'new-password'],
  ['a password that bcrypt refuses', { code: 65535, reason: 'bcrypt: password length exceeds' }, 'new-password'],
  ['another parameter', { code: 1100, reason: 'invalid parameter' }, 'unclear'],
  ['a username that Milvus refuses', { code: 1100, reason: 'invalid user name password-1' }, 'unknown-user'],
  ['an empty username', { code: 1100, reason: 'username must be not empty' }, 'unknown-user'],
  ['an unknown user, since 2.6.6', { code: 65535, reason: 'failed to check: user not found' }, 'unknown-user'],
  ['a secondary of a replication', { code: 65535, reason: 'cluster is not primary, cannot do' }, 'not-primary'],
  ['a missing parameter, over REST', { code: 1802, reason: 'missing required parameters' }, 'unclear'],
  ['any other error', { code: 65535, reason: 'a push of the password failed' }, 'unclear'],
])('Milvus refuses a change for the reason that its answer names: %s', (_, status, refusal) => {
  expect(classifyRefusal(status)).toBe(refusal);
});
