import { Duration } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { constructText } from '../../../cli/init/entry/construct.ts';
import { CredentialRotation, RotationSchedule } from '../../../infra/index.ts';
import { parseSecretTargets } from '../../../protocol/secret/rotated-secrets.ts';
import { templateOf } from '../support/templates.ts';

const ENDPOINT = 'https://in01-abc.aws-us-west-2.vectordb.zillizcloud.com:19530';

test.each([
  { name: 'one user, by name', arn: undefined, usernames: ['orders'] },
  {
    name: 'two users, by ARN',
    arn: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:milvus/orders-AbCdEf',
    usernames: ['orders', 'orders_b'],
  },
])('the construct that init prints rotates the secret: $name', ({ arn, usernames }) => {
  const text = constructText({ name: 'milvus/orders', arn, endpoint: ENDPOINT, usernames });
  const names = { CredentialRotation, Duration, RotationSchedule, Secret };
  // The imports name exactly what the construct needs.
  const imported = [...text.matchAll(/^import \{ (.*) \} from/gm)].flatMap(([, list = '']) => list.split(', '));
  const body = text.replace(/^import .*\n/gm, '');
  const template = templateOf((scope) => {
    new Function(...imported, body).call(scope, ...imported.map((name) => names[name as keyof typeof names]));
  });

  expect(imported.toSorted()).toEqual(Object.keys(names).toSorted());
  template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
    RotationRules: { ScheduleExpression: 'rate(30 days)' },
  });
  const [rotationFunction] = Object.values(template.findResources('AWS::Lambda::Function'));
  const users = usernames.length > 1 ? { usernames } : { username: usernames[0] };
  expect(parseSecretTargets(rotationFunction?.['Properties'].Environment.Variables.SECRET_TARGETS)).toEqual({
    'milvus/orders': { endpoint: ENDPOINT, ...users },
  });
});
