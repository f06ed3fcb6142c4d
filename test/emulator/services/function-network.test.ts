import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createRole, type Statement } from '../support/identities.ts';
import { account, localAws, refusal, region } from '../support/local-aws.ts';
import { callOfCode, createProbe, INTERFACE_ACTIONS } from '../support/probe.ts';
import { createStack, failureReasons, outputsOf, updateStack } from '../support/stack.ts';

const aws = localAws({ https: true, env: { AUTH: 'true' } });

const VpcConfig = { SubnetIds: ['subnet-1', 'subnet-2'], SecurityGroupIds: ['sg-1'] };
const all: Statement = { Action: INTERFACE_ACTIONS.map((action) => `ec2:${action}`) };

function createFunction(role: string, network?: typeof VpcConfig): Promise<string> {
  return createProbe(aws.lambda, role, network && { VpcConfig: network });
}

async function networkOf(FunctionName: string): Promise<unknown> {
  return (await aws.lambda.getFunctionConfiguration({ FunctionName })).VpcConfig;
}

test('Lambda accepts a function in a VPC if the role allows all six actions', async () => {
  const FunctionName = await createFunction(await createRole(aws.clientConfig, [all]), VpcConfig);
  expect(await networkOf(FunctionName)).toMatchObject(VpcConfig);
});

test.each(INTERFACE_ACTIONS)('Lambda refuses a function in a VPC if the role does not allow ec2:%s', async (action) => {
  const without = { Action: all.Action as readonly string[] };
  const role = await createRole(aws.clientConfig, [
    { Action: without.Action.filter((name) => name !== `ec2:${action}`) },
  ]);
  const expected = `InvalidParameterValueException: The provided execution role does not have permissions to call ${action} on EC2`;
  expect(await refusal(createFunction(role, VpcConfig))).toBe(expected);
  const outside = await createFunction(role);
  const move = aws.lambda.updateFunctionConfiguration({ FunctionName: outside, VpcConfig });
  expect(await refusal(move)).toBe(expected);
  expect(await networkOf(outside)).toMatchObject({ SubnetIds: [] });
});

test('Lambda refuses a new role that does not allow the actions for a function in a VPC', async () => {
  const [allowed, weakRole] = await Promise.all([
    createRole(aws.clientConfig, [all]),
    createRole(aws.clientConfig, [{ Action: 'logs:*' }]),
  ]);
  const FunctionName = await createFunction(allowed, VpcConfig);
  const change = aws.lambda.updateFunctionConfiguration({ FunctionName, Role: weakRole });
  expect(await refusal(change)).toMatch(/does not have permissions to call CreateNetworkInterface/);
});

test('a permission for one subnet does not allow another subnet', async () => {
  const subnetRole = await createRole(aws.clientConfig, [
    { Action: ['ec2:Describe*', 'ec2:DeleteNetworkInterface', 'ec2:*PrivateIpAddresses'] },
    {
      Action: 'ec2:CreateNetworkInterface',
      Resource: ['network-interface/*', 'subnet/subnet-1', 'security-group/sg-1'].map(
        (resource) => `arn:aws:ec2:${region}:${account}:${resource}`,
      ),
    },
  ]);
  await createFunction(subnetRole, { ...VpcConfig, SubnetIds: ['subnet-1'] });
  expect(await refusal(createFunction(subnetRole, VpcConfig))).toMatch(/CreateNetworkInterface/);
});

test("a Deny for the function's code does not apply to Lambda", async () => {
  const FunctionName = `function-${randomUUID()}`;
  const arn = `arn:aws:lambda:${region}:${account}:function:${FunctionName}`;
  const denied: Statement = {
    Effect: 'Deny',
    Action: 'ec2:*',
    Condition: { ArnEquals: { 'lambda:SourceFunctionArn': arn } },
  };
  const role = await createRole(aws.clientConfig, [all, denied]);
  await createProbe(aws.lambda, role, { VpcConfig, FunctionName });
  expect(await networkOf(FunctionName)).toMatchObject(VpcConfig);
  const call = { service: 'ec2', action: 'DescribeNetworkInterfaces' } as const;
  expect(await callOfCode(aws.lambda, FunctionName, call)).toMatchObject({
    ok: false,
    body: expect.stringContaining('Unauthorized'),
  });

  const another = await createProbe(aws.lambda, role, { VpcConfig });
  expect(await callOfCode(aws.lambda, another, call)).toMatchObject({ ok: true });
});

test('CloudFormation sets, changes and removes the VPC of a function, and fails without the permissions', async () => {
  const role = await createRole(aws.clientConfig, [all]);
  const stack = await createStack(aws.stacks, template(role, VpcConfig));
  const { Name: functionName = '' } = await outputsOf(aws.stacks, stack);
  expect(await networkOf(functionName)).toMatchObject(VpcConfig);

  const moved = { SubnetIds: ['subnet-3'], SecurityGroupIds: ['sg-1'] };
  await updateStack(aws.stacks, stack, template(role, moved));
  expect(await networkOf(functionName)).toMatchObject(moved);

  await updateStack(aws.stacks, stack, template(role));
  expect(await networkOf(functionName)).toMatchObject({ SubnetIds: [] });

  const weakRole = await createRole(aws.clientConfig, [{ Action: 'logs:*' }]);
  const refusedStack = `stack-${randomUUID()}`;
  await expect(createStack(aws.stacks, template(weakRole, VpcConfig), refusedStack)).rejects.toThrow(
    'ROLLBACK_COMPLETE',
  );
  expect(await failureReasons(aws.stacks, refusedStack)).toContain('permissions to call CreateNetworkInterface on EC2');
});

function template(Role: string, network?: typeof VpcConfig): string {
  const Properties = {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role,
    Code: { ZipFile: 'exports.handler = async () => 1;' },
    ...(network === undefined ? {} : { VpcConfig: network }),
  };
  const Outputs = { Name: { Value: { Ref: 'Function' } } };
  return JSON.stringify({ Resources: { Function: { Type: 'AWS::Lambda::Function', Properties } }, Outputs });
}
