import { Metric, type MetricOptions, Unit } from 'aws-cdk-lib/aws-cloudwatch';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct, type IDependable } from 'constructs';
import * as z from 'zod';
import type { EndpointRules } from '../../protocol/cluster/endpoint.ts';
import type { SecretTarget } from '../../protocol/secret/rotated-secrets.ts';
import type { Step } from '../../protocol/secret/rotation-step.ts';
import type { StrategyName } from '../../protocol/secret/rotation-strategy.ts';
import { DIMENSION, METRIC, METRIC_NAMESPACE } from '../../telemetry/metrics.ts';
import { RotationPropsError } from '../errors.ts';
import { duration, TEXT } from '../rules/cdk-fields.ts';
import { CheckedProps } from '../rules/checked-props.ts';
import { FAILURE_CODE, STEP } from '../rules/shared-fields.ts';
import { checkArguments } from './function-checks.ts';

/** A rotation function of this app, or a deployed one. */
export interface IRotationFunction extends IConstruct {
  readonly function: IFunction;
  readonly secretNamePrefix: string | undefined;
  /** The endpoint of a secret that names none. */
  readonly clusterEndpoint: string | undefined;
  /** The strategy of a secret that names none. */
  readonly strategy: StrategyName;
  readonly minimumGapMinutes: number;

  /**
   * Allows the function to rotate a secret. {@link CredentialRotation} calls this method. Call it
   * yourself for a schedule that you create in another way.
   *
   * @param encryptionKey Customer managed key of the secret, if it has one.
   * @returns Dependencies for the schedule: Secrets Manager tests the function when it stores the
   * schedule.
   * @throws RotationPropsError if the secret is outside `secretNamePrefix`, or is the admin
   * secret.
   */
  allowRotationOf(secret: ISecret, encryptionKey?: IKey): IDependable[];

  /**
   * Pins an existing secret to an endpoint, a user, or both, or to an endpoint and the two users
   * that take turns. The function uses this endpoint if neither the value nor the tag
   * `zilliz:endpoint` of the secret names an endpoint. If the value names another endpoint or
   * user, the function fails before it connects.
   *
   * @throws RotationPropsError if the function does not allow the endpoint, if a username is
   * invalid, or if the name of the secret is unknown at synth.
   */
  pin(scope: IConstruct, secret: ISecret, target: SecretTarget): void;

  /**
   * Pins a secret that {@link CredentialRotation} creates, if two users take turns or if the
   * function has an admin secret. The function uses the admin secret only for pinned secrets. With
   * `secretNamePrefix`, there is no pin for a secret of another stack, because a new secret must
   * not change the function.
   *
   * @throws RotationPropsError if the two users cannot be pinned.
   */
  pinNew(secret: ISecret, target: SecretTarget): void;

  /** @throws RotationPropsError if the function would reject the endpoint at every rotation. */
  checkEndpoint(scope: IConstruct, endpoint: string): void;

  /**
   * @throws RotationPropsError if the name is outside `secretNamePrefix`, so that every step would
   * be denied.
   */
  checkName(scope: IConstruct, name: string | undefined): void;

  /**
   * Failed steps of all secrets of the function.
   *
   * @default - sum over 5 minutes
   */
  metricStepFailed(props?: MetricOptions): Metric;

  /**
   * Failures with one code, of all secrets of the function.
   *
   * @param code A code of docs/operations.md, such as `CLUSTER_UNREACHABLE`.
   * @default - sum over 5 minutes
   */
  metricFailureByCode(code: string, props?: MetricOptions): Metric;

  /**
   * Milliseconds that a step takes, of all secrets of the function.
   *
   * @default - average over 5 minutes
   */
  metricStepDuration(step: Step, props?: MetricOptions): Metric;
}

/** What a rotation function of this app and a deployed one have in common. */
export abstract class RotationFunctionBase extends Construct implements IRotationFunction {
  abstract readonly function: IFunction;
  abstract readonly secretNamePrefix: string | undefined;
  abstract readonly clusterEndpoint: string | undefined;
  abstract readonly strategy: StrategyName;
  abstract readonly minimumGapMinutes: number;
  protected abstract readonly endpointRules: EndpointRules;

  abstract allowRotationOf(secret: ISecret, encryptionKey?: IKey): IDependable[];
  abstract pin(scope: IConstruct, secret: ISecret, target: SecretTarget): void;
  abstract pinNew(secret: ISecret, target: SecretTarget): void;

  checkEndpoint(scope: IConstruct, endpoint: string): void {
    checkArguments(this, { scope, endpoint });
    new CheckedProps(scope).endpoint('endpoint', endpoint, this.endpointRules);
  }

  checkName(scope: IConstruct, name: string | undefined): void {
    checkArguments(this, { scope, name });
    const prefix = this.secretNamePrefix;
    if (prefix !== undefined && !name?.startsWith(prefix)) {
      throw new RotationPropsError(
        scope,
        `${name ?? 'A secret without a fixed name'} is outside ${prefix}, but the function may rotate only secrets whose name begins with ${prefix}. Rename the secret, or use another RotationFunction.`,
      );
    }
  }

  metricStepFailed(props?: MetricOptions): Metric {
    return rotationMetric(this, METRIC.stepFailed, props, { statistic: 'Sum' });
  }

  metricFailureByCode(code: string, props?: MetricOptions): Metric {
    new CheckedProps(this).props({ code }, { code: FAILURE_CODE });
    return rotationMetric(this, METRIC.failureByCode, props, { statistic: 'Sum' }, { [DIMENSION.code]: code });
  }

  metricStepDuration(step: Step, props?: MetricOptions): Metric {
    new CheckedProps(this).props({ step }, { step: STEP });
    return rotationMetric(this, METRIC.stepDuration, props, {}, { [DIMENSION.step]: step });
  }
}

const METRIC_OPTIONS: Readonly<Record<string, z.ZodType>> = {
  period: duration('Duration.minutes(5)').exactOptional(),
  unit: z.enum(Unit, { error: 'Give a member of Unit, such as Unit.COUNT.' }).exactOptional(),
  dimensionsMap: z.record(z.string(), TEXT, { error: 'Give a map of dimensions and their values.' }).exactOptional(),
  ...Object.fromEntries(
    ['statistic', 'label', 'color', 'account', 'region'].map((name) => [name, TEXT.exactOptional()]),
  ),
};

interface Measured extends IConstruct {
  readonly function: IFunction;
}

/** A metric that a function of this package publishes, in the style of CDK's `metric…` methods. */
export function rotationMetric(
  measured: Measured,
  metricName: string,
  props: MetricOptions = {},
  defaults: MetricOptions = {},
  dimensions: Record<string, string> = {},
): Metric {
  new CheckedProps(measured).props(props, METRIC_OPTIONS, { others: 'allowed' });
  return new Metric({
    ...defaults,
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [DIMENSION.service]: measured.function.functionName, ...dimensions },
    ...props,
  }).attachTo(measured);
}
