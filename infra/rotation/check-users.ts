import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { RotationPropsError } from '../errors.ts';
import type { IRotationFunction } from '../function/rotation-function-base.ts';
import { CheckedProps } from '../rules/checked-props.ts';
import { sentenceOf } from '../rules/mistake.ts';
import { gapProblem } from '../rules/rotated-users.ts';
import type { CredentialRotationProps } from './credential-rotation-props.ts';

/**
 * @throws RotationPropsError if the users do not fit the strategy, or if the schedule allows two
 * rotations of alternating users within the minimum gap of the function.
 */
export function checkUsers(
  scope: IConstruct,
  { strategy: byDefault, minimumGapMinutes }: IRotationFunction,
  { strategy = byDefault, endpoint, username, usernames, secret, schedule }: CredentialRotationProps,
): void {
  if (strategy === 'single-user' && usernames === undefined) {
    return;
  }
  new CheckedProps(scope).users({ strategy, endpoint, username, usernames, isNew: secret === undefined });
  if (Token.isUnresolved(minimumGapMinutes)) {
    return;
  }
  const value = schedule?.expression;
  const rule = gapProblem({ schedule: value, duration: schedule?.duration }, minimumGapMinutes);
  if (rule !== undefined) {
    throw new RotationPropsError(scope, sentenceOf({ path: ['schedule'], value, rule }));
  }
}
