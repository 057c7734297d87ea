/** The folder that holds the built page, for a web server to mount. */
export const opsConsolePages: URL = new URL('../dist/web/', import.meta.url);
