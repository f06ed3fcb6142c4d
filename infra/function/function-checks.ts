import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { RotationPropsError } from '../errors.ts';
import { CheckedProps } from '../rules/checked-props.ts';
import { ACCOUNT, CONCURRENCY, FOLDER, HOST, MEMORY_MB, NO_HOST, TIMEOUT_SECONDS } from '../rules/forms.ts';
import type { RotationFunctionProps } from './rotation-function-props.ts';

/** @throws RotationPropsError for props that AWS would take and that a rotation would fail with. */
export function checkFunctionProps(scope: IConstruct, props: RotationFunctionProps): void {
  const { timeout, allowedEndpoints: allowed, allowPlaintext = false } = props;
  const checked = new CheckedProps(scope);
  checked.whole(
    'timeout',
    timeout?.isUnresolved() ? undefined : timeout?.toSeconds({ integral: false }),
    TIMEOUT_SECONDS,
  );
  checked.whole('memorySize', props.memorySize, MEMORY_MB);
  checked.whole('reservedConcurrentExecutions', props.reservedConcurrentExecutions, CONCURRENCY);
  checked.list('allowedEndpoints', allowed, HOST, NO_HOST);
  checked.endpoint('clusterEndpoint', props.clusterEndpoint, { ...(allowed && { allowed }), allowPlaintext });
  checked.certificateAuthority('certificateAuthority', props.certificateAuthority);
  checked.form('secretNamePrefix', props.secretNamePrefix, FOLDER);
  checkReach(scope, props);
}

/** Whose secrets the function is for: one folder, or accounts, or what is handed to it. */
function checkReach(scope: IConstruct, props: RotationFunctionProps): void {
  const { secretNamePrefix, secretAccounts = [], secretKeys = [] } = props;
  if (Token.isUnresolved(secretNamePrefix)) {
    throw new RotationPropsError(
      scope,
      'secretNamePrefix is known at deployment only, and names are held to it at synth. Write the folder: milvus/.',
    );
  }
  if (secretNamePrefix === undefined && secretKeys.length > 0) {
    throw new RotationPropsError(
      scope,
      'secretKeys are those of a folder of secrets, and there is none. Give secretNamePrefix too, or the key to each secret, as its encryptionKey.',
    );
  }
  if (Token.isUnresolved(secretAccounts) || secretAccounts.some((account) => Token.isUnresolved(account))) {
    throw new RotationPropsError(
      scope,
      'secretAccounts holds an account that is known at deployment only, and each is part of a name in the template. Write its 12 digits.',
    );
  }
  secretAccounts.forEach((account, index) => {
    new CheckedProps(scope).form(`secretAccounts[${index}]`, account, ACCOUNT);
    if (secretAccounts.indexOf(account) !== index) {
      throw new RotationPropsError(scope, `secretAccounts names ${account} twice. Name each account once.`);
    }
  });
  if (secretNamePrefix !== undefined && secretAccounts.length > 0) {
    throw new RotationPropsError(
      scope,
      'secretNamePrefix covers secrets of the own account only, so secretAccounts has no use beside it. Make another RotationFunction for the secrets of other accounts.',
    );
  }
}
