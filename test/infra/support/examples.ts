import { readFileSync } from 'node:fs';
import type { Construct } from 'constructs';
import { CustomerKeyStack } from '../../../examples/cdk/customer-key.ts';
import { fleet } from '../../../examples/cdk/fleet.ts';
import { FromTerraformStack } from '../../../examples/cdk/from-terraform.ts';
import { bothAccounts } from '../../../examples/cdk/function-in-another-account.ts';
import { PrivateLinkStack } from '../../../examples/cdk/private-link.ts';
import { RestartOnRotationStack } from '../../../examples/cdk/restart-on-rotation.ts';
import { SelfHostedStack } from '../../../examples/cdk/self-hosted.ts';
import { TwoUsersStack } from '../../../examples/cdk/two-users.ts';

/** The stacks of each example in examples/cdk. */
export const EXAMPLES: Readonly<Record<string, (scope: Construct) => unknown>> = {
  'customer-key.ts': (scope) => new CustomerKeyStack(scope, 'Example'),
  'fleet.ts': fleet,
  'from-terraform.ts': (scope) => new FromTerraformStack(scope, 'Example'),
  'function-in-another-account.ts': (scope) => {
    const given = {
      keyArn: 'arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      functionArn: 'arn:aws:lambda:us-west-2:444455556666:function:rotation',
      roleArn: 'arn:aws:iam::444455556666:role/rotation',
    };
    for (const [key, arn] of Object.entries(given)) {
      scope.node.setContext(key, arn);
    }
    bothAccounts(scope);
  },
  'private-link.ts': (scope) => new PrivateLinkStack(scope, 'Example'),
  'restart-on-rotation.ts': (scope) =>
    new RestartOnRotationStack(scope, 'Example', {
      clusterArn: 'arn:aws:ecs:us-west-2:123456789012:cluster/shop',
      serviceArn: 'arn:aws:ecs:us-west-2:123456789012:service/shop/orders',
    }),
  'self-hosted.ts': (scope) =>
    new SelfHostedStack(scope, 'Example', {
      endpoint: 'https://milvus.internal.example.com:19530',
      certificateAuthority: readFileSync(new URL('../../../examples/cdk/private-ca.pem', import.meta.url), 'utf8'),
    }),
  'two-users.ts': (scope) => new TwoUsersStack(scope, 'Example'),
};
