import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, type IConstruct, type IDependable } from 'constructs';
import type { EndpointRules } from '../../protocol/cluster/endpoint.ts';
import type { FailureCode } from '../../protocol/rotation/failures.ts';
import { FUNCTION_SETTINGS } from '../../protocol/rotation/function-settings.ts';
import type { Step } from '../../protocol/rotation/rotation-request.ts';
import { DEFAULT_STRATEGY } from '../../protocol/rotation/strategies/strategies.ts';
import type { Pins, StrategyName } from '../../protocol/secret/rotated-secrets.ts';
import { DIMENSION, METRIC, METRIC_NAMESPACE } from '../../telemetry/metrics.ts';
import { RotationPropsError } from '../rules/check-props.ts';
import type { FunctionSettings } from '../rules/function-settings.ts';
import { checkEndpoint, endpointRulesOf } from './function-checks.ts';

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
   * secret or the manager secret.
   */
  allowRotationOf(secret: ISecret, encryptionKey?: IKey): IDependable[];

  /**
   * Pins a secret to an endpoint, a user, or both, to an endpoint and the two users that
   * take turns, or to an endpoint and an API key. The function uses this endpoint if neither the
   * value nor the tag `zilliz:endpoint` of the secret names an endpoint. If the value names another
   * endpoint or user, the function fails before it connects. If a {@link CredentialRotation} of
   * another stack creates the secret, its name must be known at synth.
   *
   * @throws RotationPropsError if the function does not allow the endpoint, or if a username is
   * invalid.
   */
  pin(scope: IConstruct, secret: ISecret, target: Pins): void;

  /**
   * Lets the function send an event to EventBridge after each rotation. A
   * {@link CredentialRotation} with a rule calls this method.
   */
  sendRotatedEvents(scope: IConstruct): void;

  /** @throws RotationPropsError if the function would reject the endpoint at every rotation. */
  checkEndpoint(scope: IConstruct, endpoint: string | undefined): void;

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
  metricFailureByCode(code: FailureCode, props?: MetricOptions): Metric;

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
  readonly secretNamePrefix: string | undefined;
  readonly clusterEndpoint: string | undefined;
  readonly strategy: StrategyName;
  readonly minimumGapMinutes: number;
  readonly #endpointRules: EndpointRules;

  constructor(scope: Construct, id: string, settings: FunctionSettings) {
    super(scope, id);
    this.secretNamePrefix = settings.secretNamePrefix;
    this.clusterEndpoint = settings.clusterEndpoint;
    this.strategy = settings.strategy ?? DEFAULT_STRATEGY;
    this.minimumGapMinutes = settings.minimumGapMinutes ?? FUNCTION_SETTINGS.minimumGapMinutes.default;
    this.#endpointRules = endpointRulesOf(settings);
  }

  abstract allowRotationOf(secret: ISecret, encryptionKey?: IKey): IDependable[];
  abstract pin(scope: IConstruct, secret: ISecret, target: Pins): void;
  abstract sendRotatedEvents(scope: IConstruct): void;

  checkEndpoint(scope: IConstruct, endpoint: string | undefined): void {
    if (endpoint !== undefined) {
      checkEndpoint(scope, 'endpoint', endpoint, this.#endpointRules);
    }
  }

  checkName(scope: IConstruct, name: string | undefined): void {
    const prefix = this.secretNamePrefix;
    if (prefix !== undefined && !name?.startsWith(prefix)) {
      throw new RotationPropsError(
        scope,
        `${name ?? 'A secret without a fixed name'} is outside ${prefix}, but the function may rotate only ` +
          `secrets whose name begins with ${prefix}. Rename the secret, or use another RotationFunction.`,
      );
    }
  }

  metricStepFailed(props?: MetricOptions): Metric {
    return rotationMetric(this, METRIC.stepFailed, props, { statistic: 'Sum' });
  }

  metricFailureByCode(code: FailureCode, props?: MetricOptions): Metric {
    return rotationMetric(this, METRIC.failureByCode, props, { statistic: 'Sum' }, { [DIMENSION.code]: code });
  }

  metricStepDuration(step: Step, props?: MetricOptions): Metric {
    return rotationMetric(this, METRIC.stepDuration, props, {}, { [DIMENSION.step]: step });
  }
}

interface Measured extends IConstruct {
  readonly function: IFunction;
}

/** A metric that a function of this package publishes, as CDK's `metric…` methods return it. */
export function rotationMetric(
  measured: Measured,
  metricName: string,
  props: MetricOptions = {},
  defaults: MetricOptions = {},
  dimensions: Record<string, string> = {},
): Metric {
  return new Metric({
    ...defaults,
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { [DIMENSION.service]: measured.function.functionName, ...dimensions },
    ...props,
  }).attachTo(measured);
}
