/** The log line that says that everything listens; it carries `api` and `sip` addresses. */
export const READY_MESSAGE = 'sordino is ready';
