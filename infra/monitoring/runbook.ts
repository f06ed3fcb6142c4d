/** The manifests in packages/ name the same repository. A test compares them. */
export const REPOSITORY = 'https://github.com/zilliz-secret-rotation/zilliz-secret-rotation';

/** The page that says what to do after an alarm. Each alarm has an anchor on the page. */
export const RUNBOOK_PAGE: string = `${REPOSITORY}/blob/main/docs/operations.md`;
