import express, { type RequestHandler, type Router } from 'express';

export interface PageMount {
  /** Where it is served: `/agent` */
  readonly path: string;
  /** Absolute path of the built files, with an `index.html`. */
  readonly directory: string;
  /** Origins that may show it in a frame (an agent's desktop). None when left out. */
  readonly frameAncestors?: readonly string[];
}

/** Static pages. They get only what is in their own directory, and only their own scripts run in them. */
export function pages(mounts: readonly PageMount[]): Router {
  const router = express.Router();
  for (const mount of mounts) {
    router.use(mount.path, pageHeaders(mount.frameAncestors ?? []));
    router.use(
      mount.path,
      express.static(mount.directory, {
        dotfiles: 'ignore',
        index: 'index.html',
        extensions: ['md'],
        cacheControl: false,
      }),
    );
  }
  return router;
}

function pageHeaders(frameAncestors: readonly string[]): RequestHandler {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors.length > 0 ? frameAncestors.join(' ') : "'none'"}`,
  ].join('; ');
  return (_request, response, next) => {
    response.set('Content-Security-Policy', policy);
    // Old browsers know only this, and it cannot name an origin.
    if (frameAncestors.length > 0) response.removeHeader('X-Frame-Options');
    response.set('Cache-Control', 'no-cache');
    next();
  };
}
