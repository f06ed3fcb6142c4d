/**
 * The types of collection fields. The SDK lists them in an error message when it is loaded.
 * Requests about users have no such fields, so the map is empty.
 */
export const DataTypeMap: object = {};
