/** A macrotask: by then every promise that could settle has settled. */
export const settled = (): Promise<void> => new Promise((resume) => setImmediate(resume));
