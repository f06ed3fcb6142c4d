import { type IResource, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type * as z from 'zod';
import { refuseProp } from './check-props.ts';
import { text } from './fields.ts';
import type { Path } from './problem.ts';

/** Without a version or an alias, because the checks of a rotation compare the whole ARN. */
export const FUNCTION_ARN: z.ZodString = text(
  /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}$/,
  'Give the ARN of the rotation function, without version and alias: arn:aws:lambda:REGION:ACCOUNT:function:NAME.',
);

export const ROLE_ARN: z.ZodString = text(
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  'Give the ARN of the role of the rotation function: arn:aws:iam::ACCOUNT:role/NAME.',
);

/** `undefined` if the account is unknown at synth. */
export function accountIn(arn: string): string | undefined {
  return Token.isUnresolved(arn) ? undefined : arn.split(':')[4];
}

/** Whether both are known at synth and differ. */
export function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && Token.compareStrings(a, b) === TokenComparison.DIFFERENT;
}

/** @throws RotationPropsError if the secret, key or topic is in another region than the stack. */
export function checkRegion(scope: IConstruct, path: Path, resource: Pick<IResource, 'env'> | undefined): void {
  const { region } = Stack.of(scope);
  if (differ(resource?.env.region, region)) {
    const rule = `This is in region ${resource?.env.region}, but the stack is in region ${region}. AWS uses secrets, keys and topics only in their own region. Give one of region ${region}.`;
    refuseProp(scope, path, undefined, rule);
  }
}

/**
 * Why a schedule in this region cannot name the function. `undefined` if it can, or if a region is
 * unknown at synth.
 */
export function otherRegionProblem(functionArn: string, region: string): string | undefined {
  const own = Token.isUnresolved(functionArn) ? region : (functionArn.split(':')[3] ?? region);
  return differ(own, region)
    ? `The function is in region ${own}, but this stack is in region ${region}. Secrets Manager invokes functions of its own region only. Give a function of region ${region}.`
    : undefined;
}
