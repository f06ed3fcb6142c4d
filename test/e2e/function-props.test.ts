import { CloudWatch } from '@aws-sdk/client-cloudwatch';
import { Lambda } from '@aws-sdk/client-lambda';
import { SNS } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CloudSecret } from '../../local/cloud/cloud-secret.ts';
import type { Credentials } from '../../protocol/cluster/cluster.ts';
import { entriesWith, logGroupOf, logLinesIn } from '../support/function-log.ts';
import { awsOptions, canLogIn, documentOf, newClusterUser } from '../support/servers.ts';
import { type EnforcedAws, startEnforcedAws } from './support/enforced-aws.ts';
import { probeZip } from './support/function-zip.ts';
import { policyOf } from './support/identities.ts';
import { subscribe } from './support/subscriber.ts';

const SECRET = 'milvus/orders';
const CREATED = 'milvus/created';

/** No proxy listens here. */
const PROXY = 'http://127.0.0.1:9';

let aws: EnforcedAws;
let config: ReturnType<typeof awsOptions>;
let user: Credentials;
let secret: CloudSecret;
let layer: string;
let topic: string;
let arns: Readonly<Record<string, string>>;
let messages: () => Promise<readonly string[]>;

beforeAll(async () => {
  aws = await startEnforcedAws();
  config = awsOptions(aws.access.awsUrl);
  user = await newClusterUser('plaintext');
  secret = new CloudSecret(aws.access, SECRET);
  await secret.create(documentOf(user));
  const Principal = { Service: ['cloudwatch.amazonaws.com', 'events.amazonaws.com'] };
  const Policy = policyOf([{ Principal, Action: 'sns:Publish' }]);
  const { TopicArn = '' } = await new SNS(config).createTopic({ Name: 'team-alarms', Attributes: { Policy } });
  topic = TopicArn;
  messages = await subscribe(config, topic);
  const ZipFile = await probeZip();
  const published = await new Lambda(config).publishLayerVersion({ LayerName: 'extension', Content: { ZipFile } });
  layer = published.LayerVersionArn ?? '';
  const context = {
    secret: SECRET,
    created: CREATED,
    endpoint: user.endpoint.url,
    topic,
    layer,
    proxy: PROXY,
  };
  const outputs = await aws.deploy('function-props-app.ts', context);
  arns = outputs['FunctionProps'] ?? {};
  await Promise.all([secret, new CloudSecret(aws.access, CREATED)].map((each) => each.until()));
});

afterAll(() => aws.stop());

test('a first deployment with alarms raises none of them, before and after the first check for overdue rotations', async () => {
  const lines = await logLinesIn(await logGroupOf(arns['FunctionArn'] ?? '', config), config);
  expect(entriesWith(lines, '"placeholder"')).toHaveLength(1);
  const atFirst = { RotationFailed: 'OK', Throttled: 'OK' };
  const withoutData = { Overdue: 'INSUFFICIENT_DATA', OverdueCheckStopped: 'INSUFFICIENT_DATA' };
  expect(await alarmStates()).toEqual({ ...atFirst, ...withoutData });

  await new Lambda(config).invoke({ FunctionName: arns['OverdueCheckArn'] });
  expect(await alarmStates()).toEqual({ ...atFirst, Overdue: 'OK', OverdueCheckStopped: 'OK' });
  const messageStates = (await messages()).map((text) => (JSON.parse(text) as { NewStateValue: string }).NewStateValue);
  expect(messageStates).toEqual(['OK', 'OK', 'OK', 'OK']);
});

test('a function with an own role, name, environment and layer rotates, without an alarm, and its calls to AWS ignore the proxy', async () => {
  const { Role, Layers, Environment } = await new Lambda(config).getFunctionConfiguration({
    FunctionName: 'team-rotation',
  });
  expect(Role).toMatch(/:role\/team-rotation$/);
  expect(Layers).toMatchObject([{ Arn: layer }]);
  expect(Environment?.Variables).toMatchObject({ http_proxy: PROXY, https_proxy: PROXY });

  await secret.rotate();
  const lines = await logLinesIn(await logGroupOf(arns['FunctionArn'] ?? '', config), config);
  expect(entriesWith(lines, '"promoted"')).toHaveLength(1);
  const password = await secret.password();
  expect(password).not.toBe(user.password);
  expect(await canLogIn({ ...user, password })).toBe(true);
  expect(await messages()).toEqual([]);
});

/** The state of each alarm, by its id in the construct. */
async function alarmStates(): Promise<Record<string, string | undefined>> {
  const { MetricAlarms = [] } = await new CloudWatch(config).describeAlarms({});
  const idOf = (name = ''): string => /Alarms([A-Za-z]+?)[0-9A-F]{8}/.exec(name)?.[1] ?? name;
  return Object.fromEntries(MetricAlarms.map(({ AlarmName, StateValue }) => [idOf(AlarmName), StateValue]));
}
