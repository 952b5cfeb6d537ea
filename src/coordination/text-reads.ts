/** Reads text by location from the store that also keeps the versions; reads of one tick travel together. */
export abstract class TextReads {
  /** @throws {StoreUnavailableError} when the store fails, does not answer in time, or is known not to answer */
  abstract get(location: string): Promise<string | undefined>;

  /** A reply belonged to another key: gives up the connection that it came over, and everything in flight on it. */
  abstract distrust(): void;
}
