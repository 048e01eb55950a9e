export { buildFileStatus, buildStatusAnswer } from './testing/build-file-status';
export type { StatusKind, StatusParts } from './testing/build-file-status';
export { buildVerdict } from './testing/build-verdict';
export { startTestScanner } from './testing/start-test-scanner';
export type { TestScanner, TestScannerOptions } from './testing/start-test-scanner';
