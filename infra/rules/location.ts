import { Stack, Token, TokenComparison } from 'aws-cdk-lib';
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

/** Whether both are known at synth and differ. */
export function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && Token.compareStrings(a, b) === TokenComparison.DIFFERENT;
}

/** An imported resource, or what its ARN tells. */
interface Located {
  readonly env: { readonly region: string | undefined };
}

/** @throws RotationPropsError if the resource is in another region than the stack. */
export function checkRegion(scope: IConstruct, path: Path, resource: Located | undefined): void {
  const { region } = Stack.of(scope);
  if (differ(resource?.env.region, region)) {
    const rule =
      `This is in region ${resource?.env.region}, but the stack is in region ${region}. ` +
      `AWS uses secrets, keys, topics and rotation functions only in their own region. Give one of region ${region}.`;
    refuseProp(scope, path, undefined, rule);
  }
}

/**
 * What synth does not know is not compared.
 *
 * @param account Whether the function must be in the account of the stack or in another one.
 * @throws RotationPropsError if the function is elsewhere.
 */
export function checkFunctionPlace(scope: IConstruct, functionArn: string, account: 'own' | 'other'): void {
  const path = ['functionArn'];
  const [, , , region, ofFunction] = functionArn.split(':');
  checkRegion(scope, path, { env: { region } });
  const { account: ofStack } = Stack.of(scope);
  if (account === 'own' && differ(ofFunction, ofStack)) {
    const rule = `The function is in account ${ofFunction}, but this stack is in account ${ofStack}. Use CrossAccountRotation for a function of another account.`;
    refuseProp(scope, path, functionArn, rule);
  }
  if (account === 'other' && ofFunction === ofStack) {
    const rule = `The function is in account ${ofFunction}, as this stack. Use CredentialRotation with RotationFunction.fromRotationFunctionAttributes for a function of this account.`;
    refuseProp(scope, path, functionArn, rule);
  }
}
