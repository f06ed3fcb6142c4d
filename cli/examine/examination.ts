import type { AcceptedCredential, SearchAnswer } from '../../protocol/credential/find-accepted.ts';
import type { UnusableCredential } from '../../protocol/credential/stored-credential.ts';
import type { SameUserSearch } from './find-same-user.ts';
import type { Finding } from './finding.ts';
import type { FunctionState } from './function-state.ts';
import type { KeysOfSecret } from './keys.ts';
import type { LabelRoom } from './label-room.ts';
import type { FailedAttempt } from './last-attempt.ts';
import type { OtherUser } from './other-users.ts';
import type { NotPinned } from './pins.ts';
import type { KnownSecret } from './search-versions.ts';

/** A secret as Secrets Manager describes it, and the answers of its cluster. */
export interface Examination extends KnownSecret {
  readonly kind: 'examined';
  /** The name or ARN on the command line. */
  readonly secretId: string;
  readonly notPinned: NotPinned | undefined;
  /** If AWSCURRENT is not usable, the reason. The command did not log in with it. */
  readonly search: SearchAnswer | UnusableCredential;
  /**
   * The names that the command may print: the configuration, an option or a tag names them, or the
   * cluster accepts a login. Another stored name may be a part of a password.
   */
  readonly knownUsers: ReadonlySet<string>;
  /** `undefined` for a single user. */
  readonly other: OtherUser | undefined;
  readonly functionState: FunctionState;
  /** Searched only if the cluster accepts no stored password of a user. */
  readonly sameUser: SameUserSearch;
  /** Versions that log in as another user. Searched only if AWSCURRENT may be wrong. */
  readonly alternatives: readonly AcceptedCredential[];
  /** `undefined` if AWSCURRENT is not usable. */
  readonly labelRoom: LabelRoom | undefined;
  /** The answer of the control plane about an API key. `undefined`: it was not asked. */
  readonly keys: KeysOfSecret | Finding | undefined;
  readonly lastFailure: FailedAttempt | undefined;
  readonly notes: readonly string[];
}
