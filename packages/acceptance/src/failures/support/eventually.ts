/** Longer than the 10 s that the slowest row waits, shorter than the 20 s after which Jest ends a test without a word. */
const PATIENCE_MS = 13_000;
const POLL_MS = 10;

/** Resolves when `check` no longer throws; after 13 s it throws what `check` threw last, with its diff. */
export async function eventually(check: () => void | Promise<void>, patienceMs = PATIENCE_MS): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
