/** Limits of what somebody else's `<Pay>` sends us. */

/** Objects within objects: `parameters` is the second. */
export const JSON_DEPTH_MAX = 8;

/** Longest text that is read: a metadata value. */
export const TEXT_BYTES_MAX = 2_000;
