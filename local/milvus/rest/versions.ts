/** Versions of Milvus whose REST v2 differs. 2.4 is 2.4.3 or later, 2.6 is 2.6.6 to 2.6.18. */
export type RestVersion = '2.3.13' | '2.4' | '2.5' | '2.6';

/** What differs between versions of Milvus, as read in its source. */
export interface RestTraits {
  /** `code` of a success. */
  readonly successCode: 0 | 200;
  /** Bytes of a new password, which Milvus checks before the old password. */
  readonly longestPassword: 72 | 256;
  /** Body of HTTP 408. */
  readonly timeout: string | object;
  /** The end of the text for a missing permission. */
  readonly deniedIn: '' | ' in the `default` database';
  /** Whether Milvus creates an unknown user if a super user sets the password of that user. */
  readonly superUserCreates: boolean;
}

const TIMEOUT = { code: 10_001, message: 'request timeout' };

const V2_4: RestTraits = {
  successCode: 0,
  longestPassword: 256,
  timeout: 'timeout',
  deniedIn: ' in the `default` database',
  superUserCreates: true,
};
const V2_5: RestTraits = { ...V2_4, longestPassword: 72, timeout: TIMEOUT };

export const REST_TRAITS: Readonly<Record<RestVersion, RestTraits>> = {
  '2.3.13': { ...V2_4, successCode: 200, deniedIn: '' },
  '2.4': V2_4,
  '2.5': V2_5,
  '2.6': { ...V2_5, superUserCreates: false },
};
