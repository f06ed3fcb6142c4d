import { followScenarios } from './follow.ts';
import { LOCKED_OUT } from './scenarios.ts';

followScenarios('the runbook, if applications cannot log in', LOCKED_OUT);
