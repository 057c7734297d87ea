import { fileURLToPath } from 'node:url';

/** The root of the checkout, whether this runs from src or from dist. */
export const repoRoot = fileURLToPath(new URL('../../../', import.meta.url));
