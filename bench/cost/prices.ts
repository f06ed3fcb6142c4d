/** A published price of AWS in us-east-1, in US dollars, without free tiers and discounts. */
export interface Price {
  readonly dollars: number;
  readonly unit: string;
  /** The pricing page of AWS. */
  readonly page: string;
}

/** When the prices were compared with copies of the pages. docs/cost.md says how. */
export const PRICES_AS_OF = '2026-11-25';

type PriceName =
  | 'secret'
  | 'secretsManagerCall'
  | 'lambdaRequest'
  | 'lambdaSecondArm'
  | 'lambdaSecondX86'
  | 'logIngestion'
  | 'logStorage'
  | 'metric'
  | 'alarm'
  | 'dashboard'
  | 'key'
  | 'keyRequest'
  | 'endpointHour'
  | 'hostedZone';

const page = (service: string): string => `https://aws.amazon.com/${service}/pricing/`;

export const PRICES: Readonly<Record<PriceName, Price>> = {
  secret: { dollars: 0.4, unit: 'secret and month', page: page('secrets-manager') },
  secretsManagerCall: { dollars: 0.05 / 10_000, unit: 'call', page: page('secrets-manager') },
  lambdaRequest: { dollars: 0.2 / 1_000_000, unit: 'invocation', page: page('lambda') },
  lambdaSecondArm: { dollars: 0.000_013_333_4, unit: 'GB and second, arm64', page: page('lambda') },
  lambdaSecondX86: { dollars: 0.000_016_666_7, unit: 'GB and second, x86_64', page: page('lambda') },
  logIngestion: { dollars: 0.5, unit: 'GB of logs ingested', page: page('cloudwatch') },
  logStorage: { dollars: 0.03, unit: 'GB of logs and month', page: page('cloudwatch') },
  metric: { dollars: 0.3, unit: 'custom metric and month', page: page('cloudwatch') },
  alarm: { dollars: 0.1, unit: 'alarm and month', page: page('cloudwatch') },
  dashboard: { dollars: 3, unit: 'dashboard and month', page: page('cloudwatch') },
  key: { dollars: 1, unit: 'customer managed key and month', page: page('kms') },
  keyRequest: { dollars: 0.03 / 10_000, unit: 'request to KMS', page: page('kms') },
  endpointHour: { dollars: 0.01, unit: 'interface endpoint, zone and hour', page: page('privatelink') },
  hostedZone: { dollars: 0.5, unit: 'private hosted zone and month', page: page('route53') },
};
