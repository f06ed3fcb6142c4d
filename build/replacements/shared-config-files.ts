export const CONFIG_PREFIX_SEPARATOR = '.';

/** The content of files that do not exist. */
export const loadSharedConfigFiles = (): Promise<object> => Promise.resolve({ configFile: {}, credentialsFile: {} });
