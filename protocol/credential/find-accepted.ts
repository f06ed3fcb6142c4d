import type { Credentials } from '../cluster/cluster.ts';
import {
  checkEnforcement,
  type LoginEvent,
  type LoginPorts,
  logIn,
  type UnprovenLogin,
  waitForSecondLogins,
} from '../cluster/login.ts';
import type { SecretDescription, SecretStore } from '../secret/secret-store.ts';
import { type Candidate, orderCandidates } from '../secret/versions.ts';
import { type ReadPorts, readVersionUnlessDenied } from './read-version.ts';
import { reasonToSkip, type SkipReason, type StoredCredential, type UsableCredential } from './stored-credential.ts';

export interface AcceptedCredential extends UsableCredential, Candidate {}

export type SearchEvent =
  | { event: 'candidate-skipped'; candidate: Candidate; why: SkipReason }
  | { event: 'candidate-tried'; candidate: Candidate; login: 'accepted' | 'rejected' }
  | LoginEvent;

export interface SearchPorts extends ReadPorts, LoginPorts {
  readonly store: Pick<SecretStore, 'read' | 'list'>;
  readonly report: (event: SearchEvent) => void;
}

export interface ReadCandidate extends Candidate {
  readonly stored: StoredCredential;
}

/**
 * `none`: the cluster rejects every stored password that could be read, each of them twice. The
 * first login that is no rejection gives every other answer.
 */
export type SearchAnswer =
  | { readonly kind: 'found'; readonly accepted: AcceptedCredential; readonly roles: readonly string[] }
  | { readonly kind: 'none' }
  | UnprovenLogin;

export type AcceptedSearch = { readonly read: readonly ReadCandidate[] } & SearchAnswer;

/** Reads, or logins, at a time, so that 100 slow ones of each end within one invocation. */
const MAX_CONCURRENT = 16;

/**
 * Finds the stored password that the cluster accepts for one user. Tries the pending version, the
 * current, the previous, then the versions without an AWS label, which are listed only if needed.
 * Stops at the first accepted password.
 *
 * Each distinct password costs one login. If the cluster rejects all of them, each gets a second
 * login after a pause, in the reverse order, so that a pending password that another program sets
 * meanwhile is found.
 *
 * A rejected password shows that the cluster checks passwords. If the first password is accepted,
 * one more login with a wrong password shows it.
 *
 * @param pendingId the version of the rotation. `undefined`: no version holds AWSPENDING.
 * @param known versions that the caller has read. Those for another user or host are no candidates.
 * @param user whose password is searched. Its own password is not used.
 * @throws SecretStoreError
 */
export async function findAccepted(
  secret: SecretDescription,
  { pendingId, known }: { pendingId: string | undefined; known: readonly UsableCredential[] },
  user: Credentials,
  ports: SearchPorts,
): Promise<AcceptedSearch> {
  const read: ReadCandidate[] = [];
  const passwords: AcceptedCredential[] = [];
  for await (const candidates of batchesOfCandidates(secret, pendingId, ports)) {
    const others = known.filter((version) => reasonToSkip(version, user) !== undefined);
    const own = candidates.filter(({ versionId }) => !others.some((other) => other.versionId === versionId));
    const batch = await readAll(own, secret, known, ports);
    reportSkipped(batch, user, ports);
    const added = distinctPasswords(batch, user, passwords);
    read.push(...batch);
    const answer = await tryInOrder(added, passwords.length > 0, ports);
    if (answer !== undefined) {
      return { ...answer, read };
    }
    passwords.push(...added);
  }
  await waitForSecondLogins(ports);
  for (const batch of inBatches(passwords.toReversed())) {
    const answer = await tryInOrder(batch, true, ports);
    if (answer !== undefined) {
      return { ...answer, read };
    }
  }
  return { kind: 'none', read };
}

async function* batchesOfCandidates(
  secret: SecretDescription,
  pendingId: string | undefined,
  { store }: SearchPorts,
): AsyncGenerator<readonly Candidate[]> {
  const labelled = orderCandidates(secret, [], pendingId);
  for (const candidate of labelled) {
    yield [candidate];
  }
  yield* inBatches(orderCandidates(secret, await store.list(), pendingId).slice(labelled.length));
}

async function readAll(
  candidates: readonly Candidate[],
  secret: SecretDescription,
  known: readonly UsableCredential[],
  ports: SearchPorts,
): Promise<ReadCandidate[]> {
  return await Promise.all(
    candidates.map(async (candidate) => ({
      ...candidate,
      stored:
        known.find(({ versionId }) => versionId === candidate.versionId) ??
        (await readVersionUnlessDenied(secret, candidate.versionId, ports)),
    })),
  );
}

function reportSkipped(batch: readonly ReadCandidate[], user: Credentials, { report }: SearchPorts): void {
  for (const { versionId, stage, stored } of batch) {
    const why = reasonToSkip(stored, user);
    if (why !== undefined) {
      report({ event: 'candidate-skipped', candidate: { versionId, stage }, why });
    }
  }
}

function distinctPasswords(
  batch: readonly ReadCandidate[],
  user: Credentials,
  others: readonly AcceptedCredential[],
): AcceptedCredential[] {
  const distinct: AcceptedCredential[] = [];
  for (const { stage, stored } of batch) {
    if (
      stored.kind === 'usable' &&
      reasonToSkip(stored, user) === undefined &&
      ![...others, ...distinct].some(({ credentials }) => credentials.password === stored.credentials.password)
    ) {
      distinct.push({ ...stored, stage });
    }
  }
  return distinct;
}

/**
 * Logs in with all passwords at the same time.
 *
 * @param enforced whether the cluster is known to check passwords.
 * @returns the first answer, in the given order, that is no rejection. `undefined`: there is none.
 */
async function tryInOrder(
  credentials: readonly AcceptedCredential[],
  enforced: boolean,
  ports: SearchPorts,
): Promise<SearchAnswer | undefined> {
  const logins = await Promise.all(
    credentials.map(async (tried) => ({ accepted: tried, login: await logIn(ports, tried.credentials) })),
  );
  for (const { accepted, login } of logins) {
    if (login.kind === 'undecided') {
      return login;
    }
    const { versionId, stage } = accepted;
    ports.report({ event: 'candidate-tried', candidate: { versionId, stage }, login: login.kind });
    if (login.kind === 'accepted') {
      const isEnforced = enforced || logins.some((other) => other.login.kind === 'rejected');
      const unproven = isEnforced ? undefined : await checkEnforcement(ports, accepted.credentials);
      return unproven ?? { kind: 'found', accepted, roles: login.roles };
    }
  }
  return undefined;
}

function inBatches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / MAX_CONCURRENT);
  return Array.from({ length: count }, (_, index) => items.slice(index * MAX_CONCURRENT, (index + 1) * MAX_CONCURRENT));
}
