import { evaluate, type Values } from './template/evaluate.ts';
import type { CloudFormationTemplate } from './template/template.ts';

/** A statement, as CloudFormation deploys it. */
interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
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
  ManagerSecretArn: 'MANAGER_SECRET_ARN',
  ManagerSecretKeyArn: 'MANAGER_KEY_ARN',
  SubnetIds: 'SUBNET_ID',
  Pins: 'PINS',
  PinsSecret: 'PINS_SECRET_ARN',
  RotatedEvents: 'true',
};

/** By effect, and by the resource or by the service of the first action. */
const SIDS: Readonly<Record<string, string>> = {
  'Allow MANAGER_SECRET_ARN': 'ReadTheManagerSecret',
  'Deny MANAGER_SECRET_ARN': 'DenyChangesOfTheManagerSecret',
  'Allow MANAGER_KEY_ARN': 'UseTheKeyOfTheManagerSecret',
  'Allow PINS_SECRET_ARN': 'ReadThePins',
  'Allow logs': 'WriteTheLog',
  'Allow events': 'SendTheEvent',
  'Allow secretsmanager': 'RotateTheSecret',
  'Allow kms': 'UseTheKeyOfTheSecret',
  'Allow ec2': 'AttachToTheVpc',
  'Deny ec2': 'DenyTheVpcToTheCode',
};

/**
 * The policy of the role of the rotation function, for one secret, with keys, a manager secret and
 * events, and in a VPC.
 */
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

function sidOf({ Effect, Action, Resource }: Statement): string {
  const [first = ''] = [Action].flat();
  const [sid] = [String(Resource), first.split(':')[0]].flatMap((what) => SIDS[`${Effect} ${what}`] ?? []);
  if (sid === undefined) {
    throw new Error(`The role has a statement that SIDS of build/release/function-policy.ts does not name: ${first}`);
  }
  return sid;
}
