import type { Transport } from '../../protocol/cluster/endpoint.ts';
import type { ControlPlaneSettings } from '../../protocol/keys/control-plane.ts';
import type { StrategyName } from '../../protocol/secret/rotated-secrets.ts';

/** Settings with the same name, type and rule in the configuration file and in the props. */
export interface FunctionSettings {
  /**
   * Hosts that the function may send a password to: `milvus.example.com` allows one host,
   * `.example.com` allows all hosts below the domain. The function refuses a secret with another
   * host before it connects.
   *
   * @default - the domains of Zilliz Cloud: `.zillizcloud.com` and `.zilliz.com.cn`
   */
  readonly allowedEndpoints?: readonly string[];

  /**
   * Endpoint for secrets whose value names none and that have no tag `zilliz:endpoint`:
   * `https://host[:port]`.
   *
   * @default - none; such a secret needs the tag
   */
  readonly clusterEndpoint?: string;

  /**
   * How the function reaches the clusters: `grpc`, or `rest` for REST v2, which Milvus has since
   * 2.3.13.
   *
   * @default 'grpc' - docs/decisions/protocol.md#two-transports says when REST is better
   */
  readonly transport?: Transport;

  /**
   * Allows `http://` endpoints other than loopback, which receive passwords in plain text. Use this
   * only in a network that you control completely.
   *
   * @default false
   */
  readonly allowPlaintext?: boolean;

  /**
   * Length of a generated password: 8 to 64 characters.
   *
   * @default 40
   */
  readonly passwordLength?: number;

  /**
   * Characters that a generated password must not contain. Characters that need escaping in a
   * shell, JSON or YAML (quotes, slashes, `$`, `:` and others) are never used.
   *
   * @default - none
   */
  readonly passwordExcludeCharacters?: string;

  /**
   * If the users of a secret take turns, a replaced credential stays valid for at least this many
   * minutes: 0 to 525,600. The function refuses an earlier rotation. Set the gap above the longest
   * time for which an application keeps a credential in memory.
   *
   * @default 120
   */
  readonly minimumGapMinutes?: number;

  /**
   * Sends the event `Credential Rotated` to the default event bus of EventBridge after each
   * rotation, for rules that this app does not create. {@link CredentialRotation.onRotated} sets
   * this itself. docs/applications.md#the-event-after-a-rotation describes the event.
   *
   * @default - true if a `CredentialRotation` of this app has a rule, else false
   */
  readonly rotatedEvents?: boolean;

  /**
   * Address of the control plane of Zilliz Cloud, where a rotation creates and deletes API keys:
   * `https://api.cloud.zilliz.com.cn` for clusters in China.
   *
   * @default 'https://api.cloud.zilliz.com'
   */
  readonly controlPlaneUrl?: string;

  /**
   * Path of API keys at the control plane, after `/v2/`: `api-keys`, or `apiKeys`, which Zilliz's
   * Terraform provider calls.
   *
   * @default 'api-keys'
   */
  readonly controlPlanePath?: ControlPlaneSettings['path'];

  /**
   * Values of `code` with which the control plane of API keys reports a success.
   *
   * @default [0, 200]
   */
  readonly controlPlaneSuccessCodes?: readonly number[];

  /**
   * How the function replaces the credential of a secret that names no strategy, in AWS's words.
   * With `alternating-users`, each secret needs `usernames` and `endpoint`, and with `api-key`,
   * `apiKeyId` and `endpoint`. docs/applications.md and docs/api-keys.md help to choose.
   *
   * @default 'single-user'
   */
  readonly strategy?: StrategyName;

  /**
   * The function may rotate all secrets whose name starts with this prefix: `milvus/`. The role
   * then needs one permission for any number of secrets. The prefix ends in `/`, so that it names
   * a folder.
   *
   * @default - the role gets a permission for each secret
   */
  readonly secretNamePrefix?: string;

  /**
   * Memory in MB, at least 128. Lambda allots CPU in proportion to memory. docs/cost.md has the
   * duration of a rotation for each size, and the memory that it needs.
   *
   * @default 512
   */
  readonly memorySize?: number;

  /**
   * Maximum number of concurrent rotations; 0 stops all rotations. Secrets Manager retries the
   * rotations above the maximum.
   *
   * @default - the concurrency of the account
   */
  readonly reservedConcurrentExecutions?: number;
}
