import { type Explanation, truncatedList } from '../../outcome/failure.ts';
import type { SameUserSearch } from './find-same-user.ts';

/** Why no rotation should start. @returns `undefined` if no other secret has one of the users */
export function explainSameUser(name: string, endpoint: string, { others }: SameUserSearch): Explanation | undefined {
  return others.length === 0
    ? undefined
    : {
        code: 'same-user',
        message: `${describeCommon(name, endpoint, others)} A rotation of one secret changes the password, and the other secret keeps the old one.`,
        advice:
          'Give each secret its own user, or let all applications read one secret and delete the other (docs/operations.md#two-secrets-for-one-user).',
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
        message: `${describeCommon(name, endpoint, others)} A new password for ${name} makes the password of ${first.secret} wrong.`,
        advice: `Nothing was changed. Compare the secrets with \`zilliz-rotation status ${name} ${first.secret}\`. Give each secret its own user, or let all applications read one secret and delete the other (docs/operations.md#two-secrets-for-one-user). Then repeat the command.`,
      };
}

/** @returns `undefined` if no other secret has the user whose password is not stored */
export function explainLostToOther(name: string, { others }: SameUserSearch): Omit<Explanation, 'code'> | undefined {
  const [first] = others;
  return first === undefined
    ? undefined
    : {
        message: `${namesOf(others)} holds the same user, so a rotation of ${first.secret} has probably changed the password.`,
        advice: `Compare the secrets with \`zilliz-rotation status ${name} ${first.secret}\`. Do not set a new password with --admin-secret, because ${first.secret} would keep the old one. Give each secret its own user, or let all applications read one secret and delete the other (docs/operations.md#two-secrets-for-one-user).`,
      };
}

function describeCommon(name: string, endpoint: string, others: SameUserSearch['others']): string {
  const users = new Set(others.map(({ username }) => username));
  return `${name} and ${namesOf(others)} hold the same user, ${[...users].join(' and ')} at ${endpoint}.`;
}

function namesOf(others: SameUserSearch['others']): string {
  return truncatedList(
    others.map(({ secret }) => secret),
    ', ',
  );
}
