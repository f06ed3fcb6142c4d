import { advise } from '../../advice.ts';
import type { Explanation } from '../../explanation.ts';
import type { SameUserSearch } from './find-same-user.ts';

/** How many secrets a sentence names. */
const NAMED_AT_MOST = 5;

/** Why no rotation should start. @returns `undefined` if no other secret has one of the users */
export function explainSameUser(name: string, endpoint: string, { others }: SameUserSearch): Explanation | undefined {
  const [first] = others;
  return first === undefined
    ? undefined
    : {
        code: 'same-user',
        message: `${name} and ${namesOf(others)} hold the same user, ${usersOf(others)} at ${endpoint}. A rotation of one secret changes the password, and the other secret keeps the old one.`,
        advice: advise`Give each secret its own user, or let all applications read one secret and delete the other (docs/operations.md#two-secrets-for-one-user).`,
      };
}

/** Why an admin may set no new password. @returns `undefined` if no other secret has the user */
export function explainResetOfSameUser(
  name: string,
  endpoint: string,
  { others }: SameUserSearch,
): Explanation | undefined {
  const [first] = others;
  return first === undefined
    ? undefined
    : {
        code: 'same-user',
        message: `${name} and ${namesOf(others)} hold the same user, ${usersOf(others)} at ${endpoint}. A new password for ${name} makes the password of ${first.secret} wrong.`,
        advice: advise`Nothing was changed. Compare the secrets with \`zilliz-rotation status ${name} ${first.secret}\`. Give each secret its own user, or let all applications read one secret and delete the other (docs/operations.md#two-secrets-for-one-user). Then repeat the command.`,
      };
}

/** @returns `undefined` if no other secret has the user whose password is not stored */
export function explainLostToOther(name: string, { others }: SameUserSearch): Omit<Explanation, 'code'> | undefined {
  const [first] = others;
  return first === undefined
    ? undefined
    : {
        message: `${namesOf(others)} holds the same user, so a rotation of ${first.secret} has probably changed the password.`,
        advice: advise`Compare the secrets with \`zilliz-rotation status ${name} ${first.secret}\`. Do not set a new password with --admin-secret, because ${first.secret} would keep the old one. Give each secret its own user, or let all applications read one secret and delete the other (docs/operations.md#two-secrets-for-one-user).`,
      };
}

function namesOf(others: SameUserSearch['others']): string {
  const more = others.length - NAMED_AT_MOST;
  const names = others.slice(0, NAMED_AT_MOST).map(({ secret }) => secret);
  return `${names.join(', ')}${more > 0 ? ` and ${more} others` : ''}`;
}

function usersOf(others: SameUserSearch['others']): string {
  return [...new Set(others.map(({ username }) => username))].join(' and ');
}
