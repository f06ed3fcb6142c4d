/** Rotation of Zilliz Cloud and Milvus credentials as constructs for any CDK app. */

export type { RotationStrategy } from '../secret/rotation-strategy.ts';
export { ClusterPrivateLink, type ClusterPrivateLinkProps } from './cluster-private-link.ts';
export type { Configuration } from './configuration/configuration.ts';
export { ConfigurationError, readConfiguration } from './configuration/read-configuration.ts';
export { CredentialRotation, type CredentialRotationProps } from './credential-rotation.ts';
export { CrossAccountRotation, type CrossAccountRotationProps } from './cross-account-rotation.ts';
export { RotationPropsError } from './errors.ts';
export type { RotationRulesProps } from './function-environment.ts';
export { OverdueCheck, type OverdueCheckProps } from './overdue-check.ts';
export { RotationAlarms, type RotationAlarmsProps } from './rotation-alarms.ts';
export { RotationFunction } from './rotation-function.ts';
export type { RotationFunctionProps } from './rotation-function-props.ts';
export { RotationSchedule, type RotationScheduleOptions } from './rotation-schedule.ts';
export { RotationStack, type RotationStackProps } from './rotation-stack.ts';
export { rotationStacks } from './rotation-stacks.ts';
