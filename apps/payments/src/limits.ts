/** Limits of the HTTP edge. Times in ms. */

/** The largest honest request, a create with full metadata, is 27 KB. */
export const BODY_BYTES_MAX = 64 * 1024;

/** Of one request, with its request line. */
export const HEADER_BYTES_MAX = 16 * 1024;
export const HEADERS_MAX = 64;

/** Slowloris: time for all header fields, and for the whole request with its body. */
export const HEADERS_TIMEOUT_MS = 10_000;
export const REQUEST_TIMEOUT_MS = 20_000;
/** How often connections are looked at for the two above. */
export const TIMEOUT_CHECK_MS = 1_000;
/** An idle connection is kept this long: longer than most load balancers' pause between two requests. */
export const KEEP_ALIVE_MS = 65_000;

/** One connection per agent's page (its stream) and some for platforms. */
export const CONNECTIONS_MAX = 4_000;

/** Answers that are being made may end within this when the process stops; then connections are cut. */
export const CLOSE_GRACE_MS = 3_000;

/** Event streams: of the process, and of one session (agent, supervisor, a reload that overlaps). */
export const STREAMS_MAX = 2_000;
export const STREAMS_PER_SESSION_MAX = 16;
/** Proxies cut connections that are silent for 30 to 60 s. */
export const STREAM_HEARTBEAT_MS = 15_000;
/** Events read from the store at a time; with what the socket buffers, all that a slow client can hold of our memory. */
export const STREAM_PAGE_EVENTS = 50;
/** A client that takes nothing for this long is dropped. It comes back with Last-Event-ID and misses nothing. */
export const STREAM_STALL_MS = 10_000;
/** What a browser's EventSource waits before it comes back. */
export const STREAM_RETRY_MS = 2_000;

/** What agents' tokens are sealed with. */
export const AGENT_TOKEN_SECRET_BYTES = 32;
/** Agents' tokens: a long call. */
export const AGENT_TOKEN_TTL_DEFAULT_SECONDS = 3_600;

/** Anything longer is no credential of ours: an agent token for the longest call_id has about 1,200. */
export const CREDENTIAL_CHARACTERS_MAX = 1_500;

/** Of one message of a gateway: they come in batches of some KB. */
export const GATEWAY_EVENT_BYTES_MAX = 64 * 1024;
/** From one address: a gateway that sends again what we missed in an hour's outage. */
export const GATEWAY_EVENTS_PER_S = 50;

/** Over so many seconds the rate of a credential is counted. */
export const RATE_WINDOW_S = 10;
/** A server that starts ten sessions a second, and reads each twenty times: as much as one process has calls. */
export const API_KEY_REQUESTS_PER_S = 500;
/** A page that shows one payment: ten times what ours asks for. */
export const PAGE_REQUESTS_PER_S = 20;

/** Live ones of one tenant and mode. One for each server and each team is far below it. */
export const API_KEYS_PER_TENANT_MAX = 100;
/** Of revoked and expired keys it can be read for so long when they ended; then they go. */
export const DEAD_API_KEY_KEPT_MS = 90 * 86_400_000;
/** So long after another process has made or revoked a key, this one knows. */
export const KEY_CHANGES_LOOK_MS = 1_000;
/** When a key was last used is written down so often: it is there to find keys that nobody uses. */
export const LAST_USED_STEP_MS = 60_000;
/** For so long a key that is rolled goes on beside the new one: a day to teach every server. */
export const ROLL_OVERLAP_DEFAULT_SECONDS = 86_400;
