import type { RotatingSecret } from '../aws/aws.ts';
import { type CommandRefusal, refused } from '../outcome/failure.ts';

/**
 * Why no rotation of the secret can start. Decides by the answer of DescribeSecret alone.
 *
 * @returns `undefined` if this answer gives no reason
 */
export function refusalByDescription(secret: RotatingSecret): CommandRefusal | undefined {
  const { name, deletedAt, rotationFunctionArn } = secret;
  if (deletedAt !== undefined) {
    return refused(
      'marked-for-deletion',
      `${name} is marked for deletion.`,
      `Restore it first: \`aws secretsmanager restore-secret --secret-id ${name}\`.`,
    );
  }
  if (rotationFunctionArn === undefined) {
    return refused(
      'not-configured',
      `${name} has no rotation function.`,
      'Add the secret to the configuration of the rotation stack, and deploy the stack.',
    );
  }
  return secret.rotationEnabled
    ? undefined
    : refused(
        'rotation-off',
        `Rotation of ${name} is off. Either somebody called CancelRotateSecret, or the rotation stack was removed with its function (cdk destroy). RotateSecret would turn the schedule on again, so this command does not call it.`,
        `Find out with \`zilliz-rotation status ${name}\` whether the function still exists, and how to turn rotation on.`,
      );
}
