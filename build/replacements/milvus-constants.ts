/** The SDK builds a message about types from it when it is loaded. No request about users has one. */
export const DataTypeMap: object = {};
