/** Where the call's media runs (design section 2). */
export type Topology = 'original' | 'engaging' | 'engaged' | 'restoring' | 'restored' | 'degraded' | 'lost';
