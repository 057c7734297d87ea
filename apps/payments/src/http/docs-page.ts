import { createRequire } from 'node:module';
import express, { type RequestHandler, type Router } from 'express';

/** What of swagger-ui-dist the page needs; nothing else of it is served. */
const ASSETS = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
} as const;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Sordino session API</title>
    <link rel="icon" href="/docs/reference/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/reference/swagger-ui.css" />
  </head>
  <body>
    <div id="reference"></div>
    <script src="/docs/reference/swagger-ui-bundle.js"></script>
    <script src="/docs/reference/start.js"></script>
  </body>
</html>
`;

// To read and not to try: nobody should paste a key into a page.
const START = `const nothing = () => () => null;
SwaggerUIBundle({
  url: '/openapi.yaml',
  dom_id: '#reference',
  supportedSubmitMethods: [],
  validatorUrl: null,
  showExtensions: true,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  plugins: [{ wrapComponents: { authorizeBtn: nothing, authorizeOperationBtn: nothing } }],
});
`;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Of the package's version: a new one comes with a new release. */
const ASSET_CACHE = 'public, max-age=3600';

/** `GET /docs`: the OpenAPI document, rendered in the browser by what this process serves: no other host is asked for anything. */
export function docsPage(): Router {
  const router = express.Router({ caseSensitive: true, strict: true });
  const require = createRequire(import.meta.url);
  const send =
    (type: string, body: string): RequestHandler =>
    (_request, response) => {
      response.type(type).set('Content-Security-Policy', POLICY).send(body);
    };
  router.get('/docs', send('text/html', PAGE));
  router.get('/docs/reference/start.js', send('text/javascript', START));
  for (const [name, type] of Object.entries(ASSETS)) {
    const path = require.resolve(`swagger-ui-dist/${name}`);
    router.get(`/docs/reference/${name}`, (_request, response) => {
      response.type(type).set('Cache-Control', ASSET_CACHE).sendFile(path, { cacheControl: false });
    });
  }
  return router;
}
