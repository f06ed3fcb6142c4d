import type { Permission, PermissionResource } from '../../cli/permission.ts';

const ARNS: Readonly<Record<PermissionResource, string>> = {
  'the secret': 'arn:aws:secretsmanager:us-west-2:123456789012:secret:prod/orders/zilliz-*',
  'other secrets': 'arn:aws:secretsmanager:us-west-2:123456789012:secret:prod/*',
  "the admin's secret": 'arn:aws:secretsmanager:us-west-2:123456789012:secret:prod/admin/zilliz-*',
  'the function': 'arn:aws:lambda:us-west-2:123456789012:function:zilliz-rotation',
  'the log group': 'arn:aws:logs:us-west-2:123456789012:log-group:/aws/lambda/zilliz-rotation:*',
  'any (`*`)': '*',
};

/** An IAM policy with all of these permissions, as a block of Markdown. */
export function policyFor(permissions: readonly Permission[]): string {
  const byResource = Object.entries(Object.groupBy(permissions, ({ resource }) => resource));
  const policy = {
    Version: '2012-10-17',
    Statement: byResource.map(([resource, allowed]) => ({
      Effect: 'Allow',
      // One action may serve several purposes.
      Action: [...new Set(allowed.map(({ action }) => action))],
      Resource: ARNS[resource as PermissionResource],
    })),
  };
  return ['```json', JSON.stringify(policy, null, 2), '```'].join('\n');
}
