import { Duration } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { RotationPropsError } from './errors.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';

const SHORTEST_TIMEOUT = Duration.seconds(30);
const LEAST_MEMORY = 192;

/** @throws RotationPropsError for props that AWS would take and that a rotation would fail with. */
export function checkFunctionProps(scope: IConstruct, props: RotationFunctionProps): void {
  const { timeout, memorySize, secretNamePrefix, secretAccounts = [], secretKeys = [] } = props;
  if (timeout && timeout.toMilliseconds() < SHORTEST_TIMEOUT.toMilliseconds()) {
    throw new RotationPropsError(
      scope,
      `A timeout of ${timeout.toHumanString()} is too short to change a password and prove it. Give 30 seconds or more; 60 is the default.`,
    );
  }
  if (memorySize !== undefined && memorySize < LEAST_MEMORY) {
    throw new RotationPropsError(
      scope,
      `${memorySize} MB of memory is too little: the function would die in the middle of a change. Give ${LEAST_MEMORY} or more; 512 is the default.`,
    );
  }
  if (secretNamePrefix !== undefined && !/^[\w/+=.@-]+\/$/.test(secretNamePrefix)) {
    throw new RotationPropsError(
      scope,
      `The prefix "${secretNamePrefix}" would permit more than a folder. Give a beginning of names that ends in a slash: milvus/.`,
    );
  }
  if (secretNamePrefix === undefined && secretKeys.length > 0) {
    throw new RotationPropsError(
      scope,
      'secretKeys are those of a folder of secrets, and there is none. Give secretNamePrefix too, or the key to each secret, as its encryptionKey.',
    );
  }
  const wrong = secretAccounts.find((account) => !/^\d{12}$/.test(account));
  if (wrong !== undefined) {
    throw new RotationPropsError(scope, `"${wrong}" in secretAccounts is no account. Give its 12 digits.`);
  }
  if (secretNamePrefix !== undefined && secretAccounts.length > 0) {
    throw new RotationPropsError(
      scope,
      'secretNamePrefix covers secrets of the own account only, so secretAccounts has no use beside it. Make another RotationFunction for the secrets of other accounts.',
    );
  }
}
