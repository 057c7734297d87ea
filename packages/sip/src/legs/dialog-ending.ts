/**
 * RFC 5057 §5.1: final answers to a request in a dialog that say that the dialog, or its call, is gone for the peer. All
 * others are about that one request. 408 is also what a request without any answer comes to (RFC 3261 §12.2.1.2).
 */
const ENDINGS: ReadonlySet<number> = new Set([404, 408, 410, 416, 480, 481, 482, 483, 484, 485, 502, 604]);

export const endsDialog = (status: number): boolean => ENDINGS.has(status);
