/** A promise that the test settles when it likes: the gate before which an origin waits. */
export class Deferred<T = void> {
  readonly promise: Promise<T>;
  private settle: { readonly resolve: (value: T) => void; readonly reject: (error: unknown) => void } | undefined;

  constructor() {
    this.promise = new Promise<T>((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  resolve(value: T): void {
    this.settle?.resolve(value);
  }

  reject(error: unknown): void {
    this.settle?.reject(error);
  }
}
