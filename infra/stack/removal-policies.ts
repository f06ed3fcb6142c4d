import { RemovalPolicy } from 'aws-cdk-lib';

/** What the words of a configuration file are to CDK. */
export const REMOVAL_POLICIES: Record<'retain' | 'destroy', RemovalPolicy> = {
  retain: RemovalPolicy.RETAIN,
  destroy: RemovalPolicy.DESTROY,
};
