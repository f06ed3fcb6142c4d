import { accountAndRegionOf } from '../../protocol/secret/account-and-region.ts';
import type { Aws, RotatingSecret } from '../aws/aws.ts';
import { AwsError } from '../aws/aws-error.ts';
import type { PolicyStatement } from '../aws/inspection.ts';

/**
 * Why no rotation can run. `not-invocable`: the policy of the function does not allow Secrets
 * Manager to invoke it. `undefined`: nothing is known to be wrong.
 */
export type FunctionState = 'absent' | 'not-invocable' | undefined;

/** @param notes gets a note if AWS does not tell */
export async function readFunctionState(
  { rotationFunctionArn: functionArn, arn }: Pick<RotatingSecret, 'rotationFunctionArn' | 'arn'>,
  aws: Pick<Aws, 'readFunction' | 'inspect'>,
  notes: string[],
): Promise<FunctionState> {
  if (functionArn === undefined) {
    return undefined;
  }
  try {
    await aws.readFunction(functionArn);
    const inspection = await aws.inspect();
    const accounts = (await inspection.functionPolicy(functionArn)).filter(allowsSecretsManager).map(sourceAccountOf);
    // A statement without an account allows every account.
    const mayInvoke = accounts.some((account) => account === undefined || account === accountAndRegionOf(arn).account);
    return mayInvoke ? undefined : 'not-invocable';
  } catch (error) {
    if (!(error instanceof AwsError)) {
      throw error;
    }
    if (error.kind === 'not-found') {
      return 'absent';
    }
    notes.push(`It is not known whether the rotation function exists and may be invoked. ${error.message}`);
    return undefined;
  }
}

const SECRETS_MANAGER = 'secretsmanager.amazonaws.com';

export function allowInvocation(functionArn: string, secretArn: string): string {
  return `aws lambda add-permission --function-name ${functionArn} --statement-id SecretsManager --action lambda:InvokeFunction --principal ${SECRETS_MANAGER} --source-account ${accountAndRegionOf(secretArn).account}`;
}

function allowsSecretsManager({ Effect, Principal, Action }: PolicyStatement): boolean {
  const { Service } = (Principal ?? {}) as { Service?: unknown };
  return (
    Effect === 'Allow' &&
    [Service].flat().includes(SECRETS_MANAGER) &&
    [Action].flat().some((action) => action === 'lambda:InvokeFunction' || action === 'lambda:*')
  );
}

/** IAM compares the names of condition keys without regard to case. */
function sourceAccountOf({ Condition = {} }: PolicyStatement): string | undefined {
  const conditions = Object.values(Condition).flatMap((keys) => Object.entries(keys));
  const value = conditions.find(([key]) => key.toLowerCase() === 'aws:sourceaccount')?.[1];
  return typeof value === 'string' ? value : undefined;
}
