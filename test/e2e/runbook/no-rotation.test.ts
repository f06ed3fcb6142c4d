import { followScenarios } from './follow.ts';
import { NO_ROTATION } from './scenarios.ts';

followScenarios('the runbook, if rotations do not run', NO_ROTATION);
