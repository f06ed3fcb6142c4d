/**
 * The account and region in the ARN of a function or of a secret. Empty texts if the ARN is empty.
 * Secrets Manager rotates a secret with a function in the region of the secret only.
 *
 * @param arn arn:aws:lambda:REGION:ACCOUNT:function:NAME, or
 *   arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME
 */
export function accountAndRegionOf(arn: string): { readonly account: string; readonly region: string } {
  const [, , , region = '', account = ''] = arn.split(':');
  return { account, region };
}
