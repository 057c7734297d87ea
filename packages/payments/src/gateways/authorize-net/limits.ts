/** Below the charge limit of the session service, so that it is the gateway that says what was lost. */
export const CHARGE_TIMEOUT_MS = 15_000;
export const ASK_TIMEOUT_MS = 5_000;

/** Two texts of 255 characters, each escaped to six bytes, and some 700 bytes of the rest. At least 256, see `CARD_BUFFER_BYTES`. */
export const BODY_BYTES_MAX = 4_096;

/** The most that `refId`, `order.invoiceNumber` and `profile.merchantCustomerId` hold. */
export const REFERENCE_CHARACTERS_MAX = 20;

/** The longest window in which the gateway looks for duplicates: eight hours. Sent always, for only then does it name the original. */
export const DUPLICATE_WINDOW_S = 28_800;

/** Entries of one page of a list: some 450 bytes each, and the process takes no answer above 256 KB. */
export const PAGE_ENTRIES = 400;
export const LIST_BYTES_MAX = 256 * 1024;
/** Pages of one list. Newest first and only back to the charge: to need more than these, 16,000 others must have come after it. */
export const PAGES_MAX = 40;

/** How far the gateway's clock may be behind ours. Both are synchronised (PCI DSS 10.6), but a charge that is overlooked is not known to be paid. */
export const CLOCK_SLACK_MS = 10 * 60_000;
/** Batches settle once a day; what is older than this many days is not looked for in them. The gateway takes 31 at most. */
export const BATCH_DAYS_MAX = 30;
/** Batches of one look-up: one a day, and one more for every card type where the processor wants that. */
export const BATCHES_MAX = 60;

/** The gateway sends a notice again for nine days (three times after 3 minutes, three after 8 hours, four after 48). */
export const NOTICE_AGE_MAX_MS = 10 * 24 * 60 * 60_000;

/** A refund that is said again is looked for this far back: a step whose answer was lost is finished within a day, and settled within another. */
export const REFUND_LOOK_BACK_MS = 3 * 24 * 60 * 60_000;
