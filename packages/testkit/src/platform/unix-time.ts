/** Unix ms with fractions, from the monotonic clock: comparable between the processes of one machine. */
export const unixMs = (): number => performance.timeOrigin + performance.now();
