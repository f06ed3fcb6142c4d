import type { KEY_EVENT, ROLES_DIFFER, STEP_EVENT } from '../../telemetry/log-line.ts';
import type { Change } from '../cluster/cluster.ts';
import type { SearchEvent } from '../credential/find-accepted.ts';
import type { SkipReason } from '../credential/stored-credential.ts';
import type { Candidate } from '../secret/versions.ts';
import type { RotationError } from './errors.ts';

/** How a step succeeded. */
export type StepOutcome =
  | 'already-current'
  | 'created'
  | 'carried-on'
  | 'already-created'
  | 'changed'
  | 'reset-by-admin'
  | 'already-in-force'
  | 'tested'
  | 'not-tested'
  | 'promoted';

/**
 * Why a version keeps or loses its sent label.
 *
 * - `current`: it holds the password in AWSCURRENT, which the rotation replaces.
 * - `user in AWSCURRENT`: it holds a password of the user whose turn it is not.
 * - `accepted`: a login has just proven its password.
 * - `accepted, never current`: so it is, and a rotation that lost AWSPENDING has set it.
 * - `accepted, previous`: so it is, and AWSPREVIOUS holds it.
 * - `obsolete`: a login has just proven a later password of the same user.
 * - `may be accepted`: its password may be accepted, or on its way to the cluster.
 */
export type SentLabelUse =
  | SkipReason
  | 'current'
  | 'user in AWSCURRENT'
  | 'accepted'
  | 'accepted, never current'
  | 'accepted, previous'
  | 'obsolete'
  | 'may be accepted';

/** What happens during one step, in order. No event holds a secret. */
export type Progress =
  | { event: typeof STEP_EVENT.started }
  | { event: 'plaintext-endpoint'; endpoint: string }
  | SearchEvent
  | { event: 'change-asked'; from: Candidate | 'admin' }
  | { event: 'change-answered'; answer: Change }
  | { event: 'authorization-checked' }
  | { event: 'current-rejected'; username: string }
  | { event: 'placeholder' }
  | { event: typeof ROLES_DIFFER; username: string; missing: readonly string[]; added: readonly string[] }
  | { event: 'version-given-up'; versionId: string }
  | { event: typeof KEY_EVENT.created; keyId: string }
  | { event: typeof KEY_EVENT.deleted; keyId: string; why: 'orphan' | 'replaced' | 'revoked' }
  | { event: 'key-kept'; keyId: string }
  | { event: 'label-retired'; versionId: string }
  | { event: 'label-kept'; versionId: string; why: string }
  | { event: 'labels-full'; versionId: string; why: SentLabelUse }
  | { event: 'rotated-sent' }
  | { event: typeof STEP_EVENT.finished; outcome: StepOutcome; durationMs: number }
  | { event: typeof STEP_EVENT.failed; error: RotationError; durationMs: number };
