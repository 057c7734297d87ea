import { jest } from '@jest/globals';

// Loaded for the tests that play audio at its own pace, or SIP with quickened timers (scripts/test.mjs). A virtual machine may stand still for a tenth of a
// second, which no test can tell from a product that does. A fault of ours fails three times; each try is printed.
jest.retryTimes(2, { logErrorsBeforeRetry: true });
