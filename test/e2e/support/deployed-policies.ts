import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  type StackResource,
} from '@aws-sdk/client-cloudformation';
import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AddPermissionCommand, GetPolicyCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import type { ClientConfig } from '../../emulator/support/local-aws.ts';

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Principal?: '*' | { readonly Service?: string; readonly AWS?: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

/** One policy as it is in force: of a role, of a function or of a topic. */
export interface DeployedPolicy {
  readonly statements: readonly Statement[];
  /** What a statement is known by in the tests: whose it is, and what it allows or denies. */
  nameOf(statement: Statement): string;
  /** Puts these statements in the place of all. */
  replace(statements: readonly Statement[]): Promise<void>;
}

type Reader = (config: ClientConfig, resource: Resource) => Promise<readonly DeployedPolicy[]>;

interface Resource {
  /** Logical id without the characters that CDK ends it with. */
  readonly name: string;
  readonly id: string;
}

/** A type that is not among these may have a policy that nobody looked for: the test fails until somebody has. */
const READERS: Readonly<Record<string, Reader>> = {
  'AWS::IAM::Role': policiesOfRole,
  'AWS::Lambda::Function': policyOfFunction,
  'AWS::SNS::Topic': policyOfTopic,
};
const PART_OF_ANOTHER = ['AWS::IAM::Policy', 'AWS::Lambda::Permission', 'AWS::SNS::TopicPolicy'];
const WITHOUT_POLICY = [
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::Events::Rule',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Logs::LogGroup',
  'AWS::Logs::MetricFilter',
  'AWS::SecretsManager::RotationSchedule',
];

/** Every policy that the stack has deployed. */
export async function deployedPolicies(config: ClientConfig, StackName: string): Promise<readonly DeployedPolicy[]> {
  const { StackResources = [] } = await new CloudFormationClient(config).send(
    new DescribeStackResourcesCommand({ StackName }),
  );
  return (await Promise.all(StackResources.map((resource) => policiesOf(config, resource)))).flat();
}

async function policiesOf(config: ClientConfig, resource: StackResource): Promise<readonly DeployedPolicy[]> {
  const { ResourceType: type = '', LogicalResourceId = '', PhysicalResourceId: id = '' } = resource;
  const read = READERS[type];
  if (read !== undefined) {
    return read(config, { name: LogicalResourceId.replace(/[0-9A-F]{8}$/, ''), id });
  }
  if (![...PART_OF_ANOTHER, ...WITHOUT_POLICY].includes(type)) {
    throw new Error(
      `${type} (${LogicalResourceId}) is new in the stack. Say in deployed-policies.ts where its policy is.`,
    );
  }
  return [];
}

async function policiesOfRole(config: ClientConfig, { name, id }: Resource): Promise<readonly DeployedPolicy[]> {
  const iam = new IAMClient(config);
  const { AttachedPolicies = [] } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: id }));
  if (AttachedPolicies.length > 0) {
    throw new Error(`${name} has managed policies: ${AttachedPolicies.map((one) => one.PolicyName).join(', ')}.`);
  }
  const { PolicyNames = [] } = await iam.send(new ListRolePoliciesCommand({ RoleName: id }));
  return Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const same = { RoleName: id, PolicyName };
      const { PolicyDocument = '' } = await iam.send(new GetRolePolicyCommand(same));
      const replace = async (statements: readonly Statement[]): Promise<void> => {
        if (statements.length === 0) {
          // IAM takes no policy without a statement.
          await iam.send(new DeleteRolePolicyCommand(same));
        } else {
          await iam.send(new PutRolePolicyCommand({ ...same, PolicyDocument: documentOf(statements) }));
        }
      };
      return policy(name, statementsIn(decodeURIComponent(PolicyDocument)), replace);
    }),
  );
}

async function policyOfFunction(config: ClientConfig, { name, id }: Resource): Promise<readonly DeployedPolicy[]> {
  const lambda = new LambdaClient(config);
  const { Policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName: id }));
  const statements = statementsIn(Policy);
  const replace = async (wanted: readonly Statement[]): Promise<void> => {
    for (const { Sid } of statements) {
      await lambda.send(new RemovePermissionCommand({ FunctionName: id, StatementId: Sid })).catch(unlessMissing);
    }
    for (const { Sid, Action, Principal, Condition } of wanted) {
      const conditions: Record<string, unknown> = Object.assign({}, ...Object.values(Condition ?? {}));
      await lambda.send(
        new AddPermissionCommand({
          FunctionName: id,
          StatementId: Sid,
          Action: [Action].flat().join(),
          Principal: typeof Principal === 'object' ? Principal.Service : Principal,
          ...given('SourceAccount', conditions['AWS:SourceAccount']),
          ...given('SourceArn', conditions['AWS:SourceArn']),
        }),
      );
    }
  };
  return [policy(name, statements, replace)];
}

async function policyOfTopic(config: ClientConfig, { name, id }: Resource): Promise<readonly DeployedPolicy[]> {
  const sns = new SNSClient(config);
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn: id }));
  const replace = async (statements: readonly Statement[]): Promise<void> => {
    const input = { TopicArn: id, AttributeName: 'Policy', AttributeValue: documentOf(statements) };
    await sns.send(new SetTopicAttributesCommand(input));
  };
  return [policy(name, statementsIn(Attributes?.['Policy'] ?? ''), replace)];
}

function policy(owner: string, statements: readonly Statement[], replace: DeployedPolicy['replace']): DeployedPolicy {
  return {
    statements,
    replace,
    nameOf({ Effect, Action, Principal }) {
      const who = typeof Principal === 'object' ? ` ${Principal.Service ?? Principal.AWS}` : '';
      return `${owner} ${Effect === 'Allow' ? 'allows' : 'denies'}${who} ${[Action].flat().toSorted().join(' ')}`;
    },
  };
}

function statementsIn(text: string): readonly Statement[] {
  return (JSON.parse(text) as { Statement: readonly Statement[] }).Statement;
}

function documentOf(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function given(key: 'SourceAccount' | 'SourceArn', value: unknown): Record<string, string> {
  return value === undefined ? {} : { [key]: String(value) };
}

function unlessMissing(error: Error): void {
  if (error.name !== 'ResourceNotFoundException') throw error;
}
