/** Every session of the key's tenant and mode, page by page. */
import { createClient, type Session } from '@sordino/client';

const { SORDINO_URL = 'http://127.0.0.1:8080', SORDINO_KEY = '' } = process.env;
const sordino = createClient({ baseUrl: SORDINO_URL, credential: SORDINO_KEY });

async function* everySession(): AsyncGenerator<Session> {
  let after: { readonly starting_after?: string } = {};
  for (;;) {
    const { data, has_more } = await sordino.listSessions({ query: { limit: 2, ...after } });
    yield* data;
    const last = data.at(-1);
    if (!has_more || last === undefined) return;
    after = { starting_after: last.id };
  }
}

for await (const { id, status } of everySession()) console.log(`${id} ${status}`);
