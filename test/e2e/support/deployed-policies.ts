import { CloudFormation, type StackResource } from '@aws-sdk/client-cloudformation';
import { IAM } from '@aws-sdk/client-iam';
import { Lambda } from '@aws-sdk/client-lambda';
import { SNS } from '@aws-sdk/client-sns';
import type { AwsOptions } from '../../../local/cloud/access.ts';
import { policyOf } from './identities.ts';

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Principal?: '*' | { readonly Service?: string; readonly AWS?: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>;
}

/** The deployed policy of a role, of a function or of a topic. */
export interface DeployedPolicy {
  /** The logical id of the role, the function or the topic, without its hash. */
  readonly owner: string;
  readonly statements: readonly Statement[];
  /** Replaces all statements of the policy. */
  replace(statements: readonly Statement[]): Promise<void>;
}

type Reader = (config: AwsOptions, resource: Resource) => Promise<readonly DeployedPolicy[]>;

interface Resource {
  /** The logical id without the hash that the CDK appends. */
  readonly name: string;
  readonly id: string;
}

/** A resource type in none of these three lists fails the test, because it may have a policy. */
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
  'AWS::SecretsManager::RotationSchedule',
  // With the pins.
  'AWS::SecretsManager::Secret',
];

/** All policies of a deployed stack. */
export async function deployedPolicies(config: AwsOptions, StackName: string): Promise<readonly DeployedPolicy[]> {
  const { StackResources = [] } = await new CloudFormation(config).describeStackResources({ StackName });
  return (await Promise.all(StackResources.map((resource) => policiesOf(config, resource)))).flat();
}

async function policiesOf(config: AwsOptions, resource: StackResource): Promise<readonly DeployedPolicy[]> {
  const { ResourceType: type = '', LogicalResourceId = '', PhysicalResourceId: id = '' } = resource;
  const read = READERS[type];
  if (read !== undefined) {
    return read(config, { name: LogicalResourceId.replace(/[0-9A-F]{8}$/, ''), id });
  }
  if (![...PART_OF_ANOTHER, ...WITHOUT_POLICY].includes(type)) {
    throw new Error(
      `${type} (${LogicalResourceId}) is in no list of deployed-policies.ts. Add the type to the list that fits.`,
    );
  }
  return [];
}

async function policiesOfRole(config: AwsOptions, { name, id }: Resource): Promise<readonly DeployedPolicy[]> {
  const iam = new IAM(config);
  const { AttachedPolicies = [] } = await iam.listAttachedRolePolicies({ RoleName: id });
  if (AttachedPolicies.length > 0) {
    throw new Error(
      `${name} has managed policies: ${AttachedPolicies.map(({ PolicyName }) => PolicyName).join(', ')}.`,
    );
  }
  const { PolicyNames = [] } = await iam.listRolePolicies({ RoleName: id });
  return Promise.all(
    PolicyNames.map(async (PolicyName) => {
      const target = { RoleName: id, PolicyName };
      const { PolicyDocument = '' } = await iam.getRolePolicy(target);
      const replace = async (statements: readonly Statement[]): Promise<void> => {
        if (statements.length === 0) {
          // IAM refuses a policy without a statement.
          await iam.deleteRolePolicy(target);
        } else {
          await iam.putRolePolicy({ ...target, PolicyDocument: policyOf(statements) });
        }
      };
      return { owner: name, statements: statementsIn(decodeURIComponent(PolicyDocument)), replace };
    }),
  );
}

async function policyOfFunction(config: AwsOptions, { name, id }: Resource): Promise<readonly DeployedPolicy[]> {
  const lambda = new Lambda(config);
  const { Policy = '' } = await lambda.getPolicy({ FunctionName: id });
  const statements = statementsIn(Policy);
  const replace = async (replacements: readonly Statement[]): Promise<void> => {
    for (const { Sid } of statements) {
      await lambda.removePermission({ FunctionName: id, StatementId: Sid }).catch(unlessMissing);
    }
    for (const { Sid, Action, Principal, Condition } of replacements) {
      const conditions: Record<string, string | undefined> = Object.assign({}, ...Object.values(Condition ?? {}));
      await lambda.addPermission({
        FunctionName: id,
        StatementId: Sid,
        Action: [Action].flat().join(),
        Principal: typeof Principal === 'object' ? Principal.Service : Principal,
        SourceAccount: conditions['AWS:SourceAccount'],
        SourceArn: conditions['AWS:SourceArn'],
      });
    }
  };
  return [{ owner: name, statements, replace }];
}

async function policyOfTopic(config: AwsOptions, { name, id }: Resource): Promise<readonly DeployedPolicy[]> {
  const sns = new SNS(config);
  const { Attributes } = await sns.getTopicAttributes({ TopicArn: id });
  const replace = async (statements: readonly Statement[]): Promise<void> => {
    const input = { TopicArn: id, AttributeName: 'Policy', AttributeValue: policyOf(statements) };
    await sns.setTopicAttributes(input);
  };
  return [{ owner: name, statements: statementsIn(Attributes?.['Policy'] ?? ''), replace }];
}

/** Names a statement: the owner of the policy, and what the statement allows or denies. */
export function nameOf(owner: string, { Effect, Action, Principal, Resource, Condition }: Statement): string {
  const pins = JSON.stringify(Resource).includes(':zilliz-rotation-pins/') ? ' pins:' : '';
  const key = JSON.stringify(Condition ?? {}).includes(':secret:manager-') ? ' manager:' : '';
  const principal = typeof Principal === 'object' ? ` ${Principal.Service ?? Principal.AWS}` : '';
  return `${owner} ${Effect === 'Allow' ? 'allows' : 'denies'}${principal}${pins}${key} ${[Action].flat().toSorted().join(' ')}`;
}

function statementsIn(text: string): readonly Statement[] {
  return (JSON.parse(text) as { Statement: readonly Statement[] }).Statement;
}

function unlessMissing(error: Error): void {
  if (error.name !== 'ResourceNotFoundException') throw error;
}
