/** Below the charge limit of the session service, so that it is the gateway that says what was lost. */
export const CHARGE_TIMEOUT_MS = 15_000;
export const QUERY_TIMEOUT_MS = 5_000;

/** Reference of 255 characters, each escaped to six bytes, and some 400 bytes of the rest. At least 256, see `CARD_BUFFER_BYTES`. */
export const BODY_BYTES_MAX = 4_096;
