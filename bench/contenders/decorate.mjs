/** What `@Cacheable(…) @StaleTolerance(…) async method()` compiles to: the lowest decorator is applied first. */
export function decorate({ prototype }, method, ...decorators) {
  Reflect.defineMetadata('design:returntype', Promise, prototype, method);
  const descriptor = decorators.reduceRight(
    (decorated, decorator) => decorator(prototype, method, decorated) ?? decorated,
    Object.getOwnPropertyDescriptor(prototype, method),
  );
  Object.defineProperty(prototype, method, descriptor);
}
