import { formatDuration } from '../terminal/time.ts';
import { type Answers, type DoctorContext, pass, unknown, warning } from './check.ts';

/**
 * Whether a reader that keeps a credential for the time of `--refresh-interval` can use a replaced
 * credential for as long. No result without the option.
 */
export function checkRefresh({ options: { refreshInterval }, examination: { strategy } }: DoctorContext): Answers {
  if (refreshInterval === undefined) {
    return [];
  }
  const { config: { minimumGapMs } = {}, keepsReplaced } = strategy;
  if (minimumGapMs === undefined) {
    return unknown('How long a replaced credential stays valid is not known, because the function was not read.');
  }
  const kept = formatDuration(refreshInterval);
  if (!keepsReplaced) {
    return warning(
      `A rotation ends the replaced password at once. So a reader that keeps it for ${kept} fails its logins for up to ${kept} after each rotation.`,
      'Let two users take turns, or use API keys (docs/applications.md#choose). Or restart the readers on the event of a rotation (docs/applications.md#the-event-after-a-rotation), which shortens this time.',
    );
  }
  const gap = formatDuration(minimumGapMs);
  return minimumGapMs > refreshInterval
    ? pass(`A replaced credential stays valid for at least ${gap}, and a reader keeps it for at most ${kept}.`)
    : warning(
        `A replaced credential may end after ${gap}, but a reader may keep it for ${kept}.`,
        `Set minimumGapMinutes to ${Math.floor(refreshInterval / 60_000) + 1} or more in the configuration of the function, and deploy the stack.`,
      );
}
