import { Duration, Names, RemovalPolicy, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { CfnRotationSchedule, type ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IDependable } from 'constructs';
import { secretNameOf } from '../function/secret-names.ts';
import { RotationPropsError, refuseProp } from '../rules/check-props.ts';
import { scheduleProblem } from '../rules/schedule-rules.ts';
import type { CredentialRotationProps } from './credential-rotation-props.ts';
import { RotationSchedule } from './rotation-schedule.ts';

/**
 * Key in the context of an app. If true, the logical id of a schedule comes from the name of its
 * secret. Not by default, because another id would turn off each rotation that 0.1.0 deployed.
 */
const IDS_FROM_NAMES = 'zilliz-secret-rotation:scheduleIdsFromNames';

interface SecretScheduleProps extends Pick<CredentialRotationProps, 'schedule' | 'rotateImmediatelyOnUpdate'> {
  readonly secret: ISecret;
  readonly functionArn: string;
  /**
   * Secrets Manager tests the function when it stores the schedule, so the permissions must exist
   * before.
   */
  readonly dependencies: readonly IDependable[];
}

/**
 * Replaces CDK's `addRotationSchedule`, which supports no cron expression and no window, and
 * rotates at once.
 *
 * CloudFormation would delete a schedule by turning rotation off, also after it has created the
 * schedule that replaces this one under another id or in another stack. So it keeps each schedule.
 *
 * @throws RotationPropsError for a schedule that {@link RotationSchedule} did not make. JavaScript
 * accepts a text here, and a schedule without an expression would never rotate.
 */
export function addRotationSchedule(scope: Construct, props: SecretScheduleProps): void {
  const { schedule = RotationSchedule.rate(Duration.days(30)), rotateImmediatelyOnUpdate = false } = props;
  const problem = scheduleProblem(schedule.expression, schedule.duration);
  if (problem !== undefined) {
    const rule = `${problem.rule} Give RotationSchedule.rate(...), cron(...) or expression(...).`;
    refuseProp(scope, ['schedule'], schedule.expression, rule);
  }
  const resource = new CfnRotationSchedule(scope, 'Schedule', {
    secretId: secretId(props.secret, Stack.of(scope)),
    rotationLambdaArn: props.functionArn,
    rotationRules: {
      scheduleExpression: schedule.expression,
      ...(schedule.duration !== undefined && { duration: schedule.duration }),
    },
    rotateImmediatelyOnUpdate,
  });
  resource.applyRemovalPolicy(RemovalPolicy.RETAIN);
  resource.node.addDependency(...props.dependencies);
  const name = secretNameOf(props.secret);
  if (hasIdsFromNames(scope) && !Token.isUnresolved(name)) {
    resource.overrideLogicalId(idFromName(name));
  }
}

/** @throws RotationPropsError for another value than true and false. `--context` gives text. */
function hasIdsFromNames(scope: Construct): boolean {
  const value: unknown = scope.node.tryGetContext(IDS_FROM_NAMES) ?? false;
  if (!['true', 'false'].includes(String(value))) {
    throw new RotationPropsError(scope, `The context key ${IDS_FROM_NAMES} is ${JSON.stringify(value)}. Write true.`);
  }
  return String(value) === 'true';
}

/** The logical id of the schedule in a stack of a configuration file. */
function idFromName(name: string): string {
  // RootConstruct does the same, which the oldest supported version of constructs does not have.
  const root = new Construct(undefined as never, '');
  return Names.uniqueId(['Secrets', name, 'Schedule'].reduce((scope, id) => new Construct(scope, id), root));
}

/**
 * The full ARN or the name, because a partial ARN is ambiguous if the name ends like the random
 * suffix of an ARN. If synth cannot compare the accounts, the partial ARN is used, because the
 * name could select another secret with the same name.
 */
function secretId(secret: ISecret, { account }: Stack): string {
  const isOwn = Token.compareStrings(secret.env.account, account) !== TokenComparison.ONE_UNRESOLVED;
  return secret.secretFullArn ?? (isOwn ? secretNameOf(secret) : secret.secretArn);
}
