/** When the SDK is loaded, it builds a message about types from this. Users have no type. */
export const DataTypeMap: object = {};
