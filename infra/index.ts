/** CDK constructs that rotate the credentials of Zilliz Cloud and Milvus. */

export type { Transport } from '../protocol/cluster/endpoint.ts';
export type { FailureCode } from '../protocol/rotation/failures.ts';
export type { Step as RotationStep } from '../protocol/rotation/rotation-request.ts';
export type { StrategyName as RotationStrategy } from '../protocol/secret/rotated-secrets.ts';
export type { Configuration } from './configuration/configuration.ts';
export type { DeploymentPlace as Deployment } from './configuration/location-checks.ts';
export { ConfigurationError, readConfiguration } from './configuration/read-configuration.ts';
export { ClusterPrivateLink, type ClusterPrivateLinkProps } from './function/cluster-private-link.ts';
export type { RotationFunctionAttributes } from './function/imported-rotation-function.ts';
export { RotationFunction } from './function/rotation-function.ts';
export type { IRotationFunction } from './function/rotation-function-base.ts';
export type { RotationFunctionProps } from './function/rotation-function-props.ts';
export { OverdueCheck, type OverdueCheckProps } from './monitoring/overdue-check.ts';
export { RotationAlarms, type RotationAlarmsProps } from './monitoring/rotation-alarms.ts';
export { CredentialRotation } from './rotation/credential-rotation.ts';
export type { CredentialRotationProps } from './rotation/credential-rotation-props.ts';
export { CrossAccountRotation, type CrossAccountRotationProps } from './rotation/cross-account-rotation.ts';
export { RestartEcsService, type RestartEcsServiceProps } from './rotation/restart-ecs-service.ts';
export { RotationSchedule, type RotationScheduleOptions } from './rotation/rotation-schedule.ts';
export { RotationPropsError } from './rules/check-props.ts';
export type { FunctionSettings } from './rules/function-settings.ts';
export { RotationStack, type RotationStackProps, rotationStacks } from './stack/rotation-stack.ts';
