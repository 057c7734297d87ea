/** As much of the official SDK as the oracle test uses; it has no types of its own. */
declare module 'authorizenet' {
  /** Setters named after every member of the schema, such as `setAmount`. */
  export interface Contract {
    readonly [setter: string]: (value: unknown) => void;
  }
  export interface RequestContract extends Contract {
    getJSON(): object;
  }
  export interface Controller {
    setEnvironment(url: string): void;
    execute(done: () => void): void;
    getResponse(): object;
  }
  export const APIContracts: Readonly<Record<string, new (answer?: object) => RequestContract>>;
  export const APIControllers: Readonly<Record<string, new (request: object) => Controller>>;
}
