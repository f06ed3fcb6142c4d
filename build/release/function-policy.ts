import { evaluate, type Values } from './template/evaluate.ts';
import type { CloudFormationTemplate } from './template/template.ts';

/** A statement, as CloudFormation deploys it. */
interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
}

const ARN = (service: string, resource: string): string => `arn:aws:${service}:REGION:ACCOUNT_ID:${resource}`;

/** The placeholders are explained in docs/start.md. */
const PLACEHOLDERS: Values = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'REGION',
  'AWS::AccountId': 'ACCOUNT_ID',
  'AWS::URLSuffix': 'amazonaws.com',
  SecretName1: 'SECRET_NAME',
  SecretKeyArn: 'KEY_ARN',
  SubnetIds: 'SUBNET_ID',
  'AWS::StackName': 'STACK_NAME',
  Pins: 'PINS',
};

/** By effect, and by the service of the first action, or by all actions. */
const SIDS: Readonly<Record<string, string>> = {
  'Allow logs': 'WriteTheLog',
  'Allow secretsmanager': 'RotateTheSecret',
  'Allow secretsmanager:GetSecretValue': 'ReadThePins',
  'Allow kms': 'UseTheKeyOfTheSecret',
  'Allow ec2': 'AttachToTheVpc',
  'Deny ec2': 'DenyTheVpcToTheCode',
};

/** The policy of the role of the rotation function, for one secret, with a key and in a VPC. */
export function functionPolicy(template: CloudFormationTemplate): object {
  const values = { ...PLACEHOLDERS, ...placeholderArns(template) };
  const statements = rolePolicies(template).flatMap(
    (document) => (evaluate(document, template, values) as { Statement: Statement[] }).Statement,
  );
  return { Version: '2012-10-17', Statement: statements.map((statement) => ({ Sid: sidOf(statement), ...statement })) };
}

/** The documents of the policies that name the role of the rotation function. */
function rolePolicies({ Resources }: CloudFormationTemplate): unknown[] {
  const [role] = Object.keys(Resources).filter((id) => id.startsWith('RotationFunctionRole'));
  return Object.values(Resources)
    .filter(
      ({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' && JSON.stringify(Properties['Roles']).includes(`"${role}"`),
    )
    .map(({ Properties }) => Properties['PolicyDocument']);
}

function placeholderArns({ Resources }: CloudFormationTemplate): Values {
  const arns: Readonly<Record<string, string>> = {
    'AWS::Logs::LogGroup': ARN('logs', 'log-group:LOG_GROUP:*'),
    'AWS::Lambda::Function': ARN('lambda', 'function:FUNCTION_NAME'),
  };
  return Object.fromEntries(
    Object.entries(Resources).flatMap(([id, { Type }]) =>
      arns[Type] === undefined ? [] : [[`${id}.Arn`, arns[Type]]],
    ),
  );
}

function sidOf({ Effect, Action }: Statement): string {
  const [first = ''] = [Action].flat();
  const sid = SIDS[`${Effect} ${[Action].flat().join()}`] ?? SIDS[`${Effect} ${first.split(':')[0]}`];
  if (sid === undefined) {
    throw new Error(`The role has a statement that SIDS of build/release/function-policy.ts does not name: ${first}`);
  }
  return sid;
}
