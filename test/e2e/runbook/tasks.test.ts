import { followScenarios } from './follow.ts';
import { TASKS } from './scenarios.ts';

followScenarios('the runbook, for tasks of an operator', TASKS);
