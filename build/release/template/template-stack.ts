import {
  type App,
  Aws,
  CfnOutput,
  type CfnParameter,
  CfnResource,
  DefaultStackSynthesizer,
  type FileAssetLocation,
  type FileAssetSource,
  Fn,
  type IStackSynthesizer,
  Lazy,
  Stack,
  Validations,
} from 'aws-cdk-lib';
import type { CfnPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { IConstruct } from 'constructs';
import { allowNetworkInterfaces } from '../../../infra/function/role-permissions.ts';
import { RotationFunction } from '../../../infra/function/rotation-function.ts';
import { RotationAlarms } from '../../../infra/monitoring/rotation-alarms.ts';
import type { Transport } from '../../../protocol/cluster/endpoint.ts';
import type { ReleasedFunction } from '../../function-bundle.ts';
import { addParameters, ifGiven, isGiven, type TemplateParameters } from './parameters.ts';
import { addPins } from './template-pins.ts';
import { allowAndSchedule, setEventFilter, setRotatedSecrets } from './template-secrets.ts';

/** The names of the files with the code of the functions. */
export type Zips = Readonly<Record<ReleasedFunction, string>>;

/**
 * The code is in the bucket that a parameter names. The stack needs no bootstrap and no asset. The
 * keys are no defaults of parameters, because an update of a stack keeps the former values.
 */
class CodeInBucket extends DefaultStackSynthesizer {
  // Not #zips, because the CDK binds a copy that it makes with Object.create.
  private readonly zips: Zips;

  constructor(zips: Zips) {
    super({ generateBootstrapVersionRule: false });
    this.zips = zips;
  }

  override addFileAsset({ displayName = '' }: FileAssetSource): FileAssetLocation {
    const { rotation, overdue } = this.zips;
    const [parameter, zip] = displayName.includes('OverdueCheck')
      ? ['OverdueFunctionKey', overdue]
      : ['RotationFunctionKey', rotation];
    const key = this.boundStack.node.findChild(parameter) as CfnParameter;
    const objectKey = Fn.conditionIf(
      isGiven(key).logicalId,
      key.valueAsString,
      `zilliz-secret-rotation/${zip}`,
    ).toString();
    return { bucketName: Fn.ref('CodeBucket'), objectKey, httpUrl: '', s3ObjectUrl: '' };
  }
}

/**
 * The constructs in a stack that has a parameter for each choice that a CDK app makes at synth. A
 * part without its parameter is left out by a condition.
 */
export function templateStack(app: App, version: string, zips: Zips): Stack {
  const stack = new Stack(app, 'Rotation', {
    description: `Rotation of Zilliz Cloud and Milvus credentials (zilliz-secret-rotation ${version})`,
    // Under exactOptionalPropertyTypes, the class of CDK does not match its interface.
    synthesizer: new CodeInBucket(zips) as IStackSynthesizer,
  });
  const parameters = addParameters(stack);
  const { AllowedEndpoints, ClusterEndpoint, ClusterTransport, ClusterCa, FunctionName } = parameters;
  const { ManagerSecretArn, ManagerSecretKeyArn, SecretKeyArn, SubnetIds, RotatedEvents } = parameters;
  const { ControlPlaneUrl, ControlPlanePath, ControlPlaneSuccessCodes } = parameters;
  const rotationFunction = new RotationFunction(stack, 'RotationFunction', {
    allowedEndpoints: [AllowedEndpoints.valueAsString],
    clusterEndpoint: ClusterEndpoint.valueAsString,
    transport: ClusterTransport.valueAsString as Transport,
    rotatedEvents: true,
    certificateAuthority: ClusterCa.valueAsString,
    managerSecret: Secret.fromSecretAttributes(stack, 'ManagerSecret', {
      secretCompleteArn: ManagerSecretArn.valueAsString,
      encryptionKey: Key.fromKeyArn(stack, 'ManagerSecretKey', ManagerSecretKeyArn.valueAsString),
    }),
  });
  for (const [property, value] of [
    ['FunctionName', ifGiven(FunctionName, FunctionName.valueAsString)],
    ['Environment.Variables.MANAGER_SECRET_ARN', ifGiven(ManagerSecretArn, ManagerSecretArn.valueAsString)],
    ['Environment.Variables.ROTATED_EVENTS', ifGiven(RotatedEvents, RotatedEvents.valueAsString)],
    ['Environment.Variables.CONTROL_PLANE_URL', ControlPlaneUrl.valueAsString],
    ['Environment.Variables.CONTROL_PLANE_PATH', ControlPlanePath.valueAsString],
    ['Environment.Variables.CONTROL_PLANE_SUCCESS_CODES', ControlPlaneSuccessCodes.valueAsString],
  ] as const) {
    resourceOf(rotationFunction.function).addPropertyOverride(property, value);
  }
  allowAndSchedule(stack, parameters, rotationFunction);
  const readPins = addPins(stack, parameters, resourceOf(rotationFunction.function));
  attachToVpc(stack, rotationFunction, parameters);
  leaveOutStatements(
    rotationFunction.role as Role,
    {
      '{"Ref":"SecretKeyArn"}': SecretKeyArn,
      '{"Ref":"ManagerSecretKeyArn"}': ManagerSecretKeyArn,
      '{"Ref":"ManagerSecretArn"}': ManagerSecretArn,
      '"ec2:CreateNetworkInterface"': SubnetIds,
      '"events:PutEvents"': RotatedEvents,
    },
    readPins,
  );
  addAlarms(stack, rotationFunction, parameters);
  acknowledgeFindings(stack);
  new CfnOutput(stack, 'RotationFunctionArn', { value: rotationFunction.function.functionArn });
  return stack;
}

function acknowledgeFindings(stack: Stack): void {
  Validations.of(stack).acknowledge(
    {
      id: 'CloudFormation-Validate::W2509',
      reason: 'The rule takes each parameter with "Secret" in its name for a password. These are names and a key.',
    },
    {
      id: 'CloudFormation-Validate::W9052',
      reason: 'The conditions are too many for this check. A test checks the template with cfn-lint.',
    },
  );
}

function attachToVpc(stack: Stack, { role, function: fn }: RotationFunction, parameters: TemplateParameters): void {
  const { SubnetIds, SecurityGroupIds } = parameters;
  allowNetworkInterfaces(stack, role, fn);
  setCondition(stack.node.findChild('NoNetworkInterfacesForCode'), isGiven(SubnetIds).logicalId);
  resourceOf<CfnFunction>(fn).vpcConfig = ifGiven(SubnetIds, {
    SubnetIds: Fn.split(',', SubnetIds.valueAsString),
    SecurityGroupIds: Fn.split(',', SecurityGroupIds.valueAsString),
  });
}

function addAlarms(stack: Stack, rotationFunction: RotationFunction, parameters: TemplateParameters): void {
  const { AlarmTopicArn } = parameters;
  const alarms = new RotationAlarms(stack, 'Alarms', {
    rotationFunction,
    topic: Topic.fromTopicArn(stack, 'AlarmTopic', AlarmTopicArn.valueAsString),
  });
  setRotatedSecrets(resourceOf(rotationFunction.function), parameters);
  setRotatedSecrets(resourceOf(alarms.overdueCheck.function), parameters);
  setEventFilter(resourceOf(alarms.node.findChild('RotationEvents')), parameters);
  // Synth knows no name of the stack.
  const hourly = resourceOf(alarms.overdueCheck.node.findChild('Hourly'));
  hourly.addPropertyOverride('Description', `Looks for overdue rotations of ${Aws.STACK_NAME}`);
  setCondition(alarms, isGiven(AlarmTopicArn).logicalId);
}

/**
 * Puts the statements of the role with a text under the condition of a parameter. A statement
 * about a key that is not given would be invalid, and a function outside a VPC needs no
 * interfaces.
 *
 * @param added statements with their conditions. The CDK would merge those with the same action.
 */
function leaveOutStatements(
  role: Role,
  parameters: Readonly<Record<string, CfnParameter>>,
  added: readonly unknown[],
): void {
  const policy = resourceOf<CfnPolicy>(role.node.findChild('DefaultPolicy'));
  const document: unknown = policy.policyDocument;
  const conditional = (statement: unknown): unknown => {
    const text = JSON.stringify(statement);
    const [, parameter] = Object.entries(parameters).find(([part]) => text.includes(part)) ?? [];
    return parameter === undefined ? statement : ifGiven(parameter, statement);
  };
  policy.policyDocument = Lazy.any({
    produce: () => {
      const { Statement, ...others } = Stack.of(role).resolve(document) as { Statement: unknown[] };
      return { ...others, Statement: [...Statement.map(conditional), ...added] };
    },
  });
}

/** All resources of the construct exist only under the condition. */
function setCondition(construct: IConstruct, condition: string): void {
  for (const resource of construct.node.findAll().filter((node) => node instanceof CfnResource)) {
    resource.addOverride('Condition', condition);
  }
}

function resourceOf<Resource extends CfnResource>({ node }: IConstruct): Resource {
  return node.defaultChild as Resource;
}
