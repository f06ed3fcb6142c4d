import type { FunctionSettings } from '../rules/function-settings.ts';

interface RotationRules extends FunctionSettings {
  readonly certificateAuthority?: string;
}

/**
 * The environment that `protocol/rotation/function-config.ts` reads. Without a variable, the
 * function has a default.
 */
export function rotationRulesEnvironment(rules: RotationRules): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variablesOf(rules)).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function variablesOf(rules: RotationRules): Readonly<Record<string, unknown>> {
  return {
    ALLOWED_ENDPOINTS: rules.allowedEndpoints,
    CLUSTER_ENDPOINT: rules.clusterEndpoint,
    CLUSTER_TRANSPORT: rules.transport,
    ALLOW_PLAINTEXT: rules.allowPlaintext || undefined,
    CLUSTER_CA: rules.certificateAuthority,
    PASSWORD_LENGTH: rules.passwordLength,
    PASSWORD_EXCLUDE_CHARACTERS: rules.passwordExcludeCharacters,
    MINIMUM_GAP_MINUTES: rules.minimumGapMinutes,
    ROTATED_EVENTS: rules.rotatedEvents || undefined,
    CONTROL_PLANE_URL: rules.controlPlaneUrl,
    CONTROL_PLANE_PATH: rules.controlPlanePath,
    CONTROL_PLANE_SUCCESS_CODES: rules.controlPlaneSuccessCodes,
  };
}

/** The names of all variables for the rules. */
export const RULE_VARIABLES: readonly string[] = Object.keys(variablesOf({}));
