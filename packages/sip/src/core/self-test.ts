export const selfTest = (): string[] => [];
