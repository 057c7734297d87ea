export type * from './stages/stripper.ts';
